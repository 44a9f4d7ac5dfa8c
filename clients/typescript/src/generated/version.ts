// Generated from openapi/openapi.json by `make clients`.

export const VERSION = "0.1.0";
