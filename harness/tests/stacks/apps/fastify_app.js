// Fastify with @fastify/cors, as its documentation shows it.
import { randomUUID } from 'node:crypto';
import cors from '@fastify/cors';
import Fastify from 'fastify';

const { VARIANT = 'correct', APP_ORIGIN, APP_TOKEN, PORT } = process.env;
const app = Fastify();
await app.register(cors, VARIANT === 'reflect' ? { origin: true, credentials: true } : { origin: [APP_ORIGIN] });

if (VARIANT === 'correct') {
  // What Fastify leaves to its user.
  app.addHook('onSend', async (_, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': randomUUID() });
  });
}

async function user(request, reply) {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (VARIANT === 'open' || (scheme.toLowerCase() === 'bearer' && token === APP_TOKEN)) return;
  return reply.code(401).header('www-authenticate', token ? 'Bearer error="invalid_token"' : 'Bearer').send({ error: 'Invalid token' });
}

app.get('/health', async () => ({ status: 'healthy' }));
app.get('/version', async () => ({ commit: '4f5a6b7c8d9e' }));
app.get('/me', { onRequest: user }, async () => ({ name: 'ada' }));
const schema = { body: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } } };
app.post('/summaries', { onRequest: user, schema }, async (request) => {
  const { text } = request.body;
  return { summary: VARIANT === 'crash' ? text.sentences[0] : text.split('.')[0] };
});
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
