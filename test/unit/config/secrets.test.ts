import { expect, test } from '@jest/globals';
import { ownSettings } from '../../../src/adapters/config/config-settings.js';
import { configText } from '../../../src/adapters/config/config-text.js';
import { configSchema } from '../../../src/adapters/config/config.js';
import { defaultConfig } from '../../../src/adapters/config/load-config.js';

const url = 'https://auth.example/check?key=hunter2#there';
const config = configSchema.parse({ authentication: { providers: [{ type: 'webhook', url }] } });

test('what is told of the settings holds the address of a service, and not what is asked with it', () => {
  const settings = ownSettings(config, defaultConfig());
  expect(settings.get('authentication.providers[0].url')).toBe('https://auth.example/check?...');
});

test('nor does the text of the configuration hold it', () => {
  expect(configText(config)).toContain('"https://auth.example/check?..."');
  expect(configText(config)).not.toContain('hunter2');
});
