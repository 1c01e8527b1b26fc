import { adminApp, type AdminParts } from './admin-app.js';

/** The document of the API, from the routes alone: nothing that they work with is looked at before they are called. */
export async function openApiDocument(version: string): Promise<object> {
  const parts = { about: { version }, administration: {}, archive: {}, logs: {}, packetBytesMax: 1 };
  const app = await adminApp(parts as AdminParts);
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}
