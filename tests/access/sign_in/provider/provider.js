// A real OpenID Connect provider. Standard input gives its port, keys and clients as JSON; it prints "ready".
import { readFileSync } from "node:fs";
import Provider, { errors } from "oidc-provider";

const { port, jwks, claims, lifetimes, address } = JSON.parse(readFileSync(0, "utf8"));
const issuer = address ?? `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  jwks: { keys: jwks },
  clients: Object.keys(claims).map((name) => ({
    client_id: name,
    client_secret: "secret",
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: jwks[0].alg,
  })),
  ttl: { ClientCredentials: (_, __, client) => lifetimes[client.clientId] ?? 600 },
  extraTokenClaims: (_, token) => claims[token.clientId],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo(_, resource) {
        if (!resource.startsWith("https://")) throw new errors.InvalidTarget();
        return { scope: "api", audience: resource, accessTokenFormat: "jwt", jwt: { sign: { alg: jwks[0].alg } } };
      },
    },
  },
});
provider.proxy = Boolean(address); // behind a proxy, whose X-Forwarded-Proto counts
provider.listen(port, "127.0.0.1", () => console.log("ready"));
