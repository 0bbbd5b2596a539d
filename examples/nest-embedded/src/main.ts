import 'reflect-metadata';
import { createShop } from './create-shop.js';

const app = await createShop();
await app.listen(Number(process.env['PORT'] ?? 8080));
console.log(`The shop is open at ${await app.getUrl()}.`);
