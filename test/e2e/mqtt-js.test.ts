import { findMqttJs } from '../support/mqtt-js-client.js';
import { describeRealClient } from '../support/real-client-scenarios.js';

describeRealClient('MQTT.js', await findMqttJs());
