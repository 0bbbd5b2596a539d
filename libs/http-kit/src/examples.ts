/** What the OpenAPI pages show wherever there is one. */
export const EVENTGUID_EXAMPLE = 'order-42';
export const POSITION_EXAMPLE = 'k3x9a1:17';
