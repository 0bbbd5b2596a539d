export { parseMDrivenSubscribe } from './mdriven-cookie.js';
