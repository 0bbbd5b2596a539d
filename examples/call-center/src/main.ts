import 'reflect-metadata';
import { createCallCenter } from './create-call-center.js';

const app = await createCallCenter();
const { PORT: port = '8080', HOST: host = '127.0.0.1' } = process.env;
await app.listen(Number(port), host);
console.log(`The dashboard is at ${await app.getUrl()}.`);
