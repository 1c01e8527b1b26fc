/** The program of the thread that makes the digests of payloads. See `ThreadedPayloadDigests`. */
import { workerData } from 'node:worker_threads';
import { PayloadRing } from './payload-ring.js';

PayloadRing.over(workerData as SharedArrayBuffer).work();
