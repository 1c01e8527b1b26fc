/** CONNACK return codes; 6 to 255 are reserved and never sent. */
export const ConnectCode = {
  accepted: 0,
  unacceptableProtocolLevel: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const;
export type ConnectCode = (typeof ConnectCode)[keyof typeof ConnectCode];
export type ConnectRefusal = Exclude<ConnectCode, 0>;
