// A certified provider, with invented people who need no password: whoever comes to its page says who they are.
// Takes one JSON document: {port, client, people: [{subject, email, verified}], claimsInToken, algorithm}

import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const told = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${told.port}`;
const people = new Map(told.people.map((person) => [person.subject, person]));
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

const provider = new Provider(issuer, {
  clients: [told.client],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "of-this-start", use: "sig", alg: told.algorithm }] },
  cookies: { keys: ["a key of a test"] },
  claims: { acr: null, auth_time: null, iss: null, sid: null, openid: ["sub"], email: ["email", "email_verified"] },
  acrValues: ["strong", "weak"],
  conformIdTokenClaims: !told.claimsInToken,
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/who/${interaction.uid}` },
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 3600 },
  findAccount: (_, subject) => ({
    accountId: subject,
    claims: () => ({ sub: subject, email: people.get(subject)?.email, email_verified: people.get(subject)?.verified }),
  }),
  // What our portal may read is agreed with it; nobody is asked on the way.
  loadExistingGrant: async (ctx) => {
    const { client, session } = ctx.oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid email");
    await grant.save();
    return grant;
  },
});

const button = (name, value, text) => `<p><button name="${name}" value="${value}">${text}</button></p>`;

const page = (uid) => `<!doctype html><html lang="en"><title>Who are you?</title><h1>Who are you?</h1>
  <form method="post" action="/who/${uid}">
  <p><label><input type="checkbox" name="weak" value="yes"> With a password alone</label></p>
  ${[...people.values()].map(({ subject, email }) => button("person", subject, email)).join("")}
  ${button("person", "", "Cancel")}</form></html>`;

async function form(ctx) {
  let body = "";
  for await (const chunk of ctx.req) body += chunk;
  return new URLSearchParams(body);
}

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/who/")) return next();
  const { uid } = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method !== "POST") {
    ctx.type = "html";
    ctx.body = page(uid);
    return;
  }
  const sent = await form(ctx);
  const acr = sent.has("weak") ? "weak" : "strong";
  const result = sent.get("person")
    ? { login: { accountId: sent.get("person"), acr, amr: [acr] } }
    : { error: "access_denied", error_description: "the person did not want to" };
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
});

provider.on("server_error", (_, error) => console.error(error));
provider.listen(told.port, "127.0.0.1");
