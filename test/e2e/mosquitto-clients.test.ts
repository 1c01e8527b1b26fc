import { findMosquittoClients } from '../support/mosquitto-clients.js';
import { describeRealClient } from '../support/real-client-scenarios.js';

describeRealClient('mosquitto_pub and mosquitto_sub', findMosquittoClients());
