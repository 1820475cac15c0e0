// Express with the cors package, as its documentation shows it.
import { randomUUID } from 'node:crypto';
import cors from 'cors';
import express from 'express';

const { VARIANT = 'correct', APP_ORIGIN, APP_TOKEN, PORT } = process.env;
const app = express();
app.use(VARIANT === 'reflect' ? cors({ origin: true, credentials: true }) : cors({ origin: APP_ORIGIN }));
if (VARIANT === 'correct') {
  // What Express leaves to its user.
  app.use((_, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', 'X-Request-ID': randomUUID() });
    next();
  });
}
app.use(express.json());

function user(request, response, next) {
  const [scheme, token] = (request.get('authorization') ?? '').split(' ');
  if (VARIANT === 'open' || (scheme.toLowerCase() === 'bearer' && token === APP_TOKEN)) return next();
  response.set('WWW-Authenticate', token ? 'Bearer error="invalid_token"' : 'Bearer').status(401).json({ error: 'Invalid token' });
}

app.get('/health', (_, response) => response.json({ status: 'healthy' }));
app.get('/version', (_, response) => response.json({ commit: '4f5a6b7c8d9e' }));
app.get('/me', user, (_, response) => response.json({ name: 'ada' }));
app.post('/summaries', user, async (request, response) => {
  const text = request.body?.text;
  if (typeof text !== 'string') return response.status(422).json({ error: 'text must be a string' });
  if (VARIANT === 'crash') return response.json({ summary: text.sentences[0] });
  response.json({ summary: text.split('.')[0] });
});
if (VARIANT !== 'crash') {
  app.use((error, _request, response, _next) => {
    response.status(error.status ?? 500).json({ error: error.expose ? error.message : 'Internal Server Error' });
  });
}
app.listen(Number(PORT), '127.0.0.1');
