export { JWT_SETTINGS, jwtOptions, type JwtOptions } from './jwt.settings.js';
export { openVerifier } from './open-verifier.js';
