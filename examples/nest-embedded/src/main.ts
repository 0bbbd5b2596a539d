import 'reflect-metadata';
import { createShop } from './create-shop.js';

const app = await createShop();
const { PORT: port = '8080', HOST: host = '127.0.0.1' } = process.env;
await app.listen(Number(port), host); // one address: the protocols are served on the first
console.log(`The shop is open at ${await app.getUrl()}.`);
