import { expect, test } from '@jest/globals';
import { lowerQos, type QoS } from '../../../src/domain/qos.js';

test('a delivery has the lower of what was published and what was granted', () => {
  const levels: QoS[] = [0, 1, 2];
  for (const published of levels)
    for (const granted of levels) expect(lowerQos(published, granted)).toBe(Math.min(published, granted));
});
