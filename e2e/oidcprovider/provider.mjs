// Runs the oidc-provider identity provider with one client and one person, for the tests in e2e/interop.
// It signs with ES256, tells claims at userinfo alone, names itself in its answers (RFC 9207) and asks before it
// signs somebody out: all unlike Dex. It listens on a free port of loopback, prints "ready URL" and obeys lines on
// standard input ("groups a b", "remove"); when the input ends, so does it.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Provider } from 'oidc-provider';

const { values: given } = parseArgs({
  options: { redirect: { type: 'string' }, logout: { type: 'string' }, secret: { type: 'string' } },
});

let person = {
  sub: 'nina', name: 'Nina Node', email: 'nina@node.example', email_verified: true, groups: ['team-fraud', 'reviewers'],
};

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

const configuration = {
  clients: [{
    client_id: 'sundial',
    client_secret: given.secret,
    redirect_uris: [given.redirect],
    post_logout_redirect_uris: [given.logout],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
  }],
  jwks: { keys: [{ ...key, use: 'sig', alg: 'ES256', kid: 'es-1' }] },
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
  scopes: ['openid', 'offline_access'],
  cookies: { keys: [randomBytes(32).toString('hex')] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  findAccount: (_, sub) => (person?.sub === sub ? { accountId: sub, claims: () => person } : undefined),
};

let handler;
const server = createServer((request, response) => handler(request, response));
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  handler = new Provider(issuer, configuration).callback();
  console.log(`ready ${issuer}`);
});

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [command, ...words] = line.trim().split(/\s+/);
  if (command === 'groups') person = { ...person, groups: words };
  if (command === 'remove') person = undefined;
  console.log('done');
});
lines.on('close', () => process.exit(0));
