/** Shown to the hub when a connection is opened. A function is asked each time, so that it can renew what has run out. */
export type Token = string | (() => string | Promise<string>);
