import { findPahoClient } from '../support/paho-client.js';
import { describeRealClient } from '../support/real-client-scenarios.js';

describeRealClient('Paho for Python', findPahoClient());
