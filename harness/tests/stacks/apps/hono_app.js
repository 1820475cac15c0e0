// Hono on Node with its cors and bearerAuth middleware, as its documentation shows them.
import { randomUUID } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bearerAuth } from 'hono/bearer-auth';
import { cors } from 'hono/cors';

const { VARIANT = 'correct', APP_ORIGIN, APP_TOKEN, PORT } = process.env;
const app = new Hono();
app.use(cors(VARIANT === 'reflect' ? { origin: (origin) => origin, credentials: true } : { origin: APP_ORIGIN }));
if (VARIANT === 'correct') {
  // What Hono leaves to its user.
  app.use(async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('X-Request-ID', randomUUID());
  });
}
if (VARIANT !== 'open') {
  app.use('/me', bearerAuth({ token: APP_TOKEN }));
  app.use('/summaries', bearerAuth({ token: APP_TOKEN }));
}

app.get('/health', (c) => c.json({ status: 'healthy' }));
app.get('/version', (c) => c.json({ commit: '4f5a6b7c8d9e' }));
app.get('/me', (c) => c.json({ name: 'ada' }));
app.post('/summaries', async (c) => {
  if (!c.req.header('content-type')?.startsWith('application/json')) return c.json({ error: 'send JSON' }, 415);
  let body;
  try {
    body = await c.req.json();
  } catch {
    return c.json({ error: 'not JSON' }, 400);
  }
  if (typeof body?.text !== 'string') return c.json({ error: 'text must be a string' }, 422);
  return c.json({ summary: VARIANT === 'crash' ? body.text.sentences[0] : body.text.split('.')[0] });
});
serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' });
