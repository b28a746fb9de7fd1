// A door before the daemon: passes everything on, and can fall silent, go away, be slow, or answer one path itself.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type Answering = (asked: IncomingMessage, answer: ServerResponse) => void;

export interface Front {
  url: string;
  /** From now on nothing is answered any more, as by a process that is stopped. */
  fallSilent(): void;
  /** From now on nobody listens any more. */
  goAway(): Promise<void>;
  /** Every answer comes so much later. */
  slow: number;
  /** Answers a path in place of the daemon; null: the daemon again. */
  answer(path: string, how: Answering | null): void;
  close(): Promise<void>;
}

export async function openFront(daemon: string): Promise<Front> {
  const own = new Map<string, Answering>();
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((asked, answer) => {
    if (isSilent) return;
    const path = (asked.url ?? '/').split('?')[0] ?? '/';
    const how = own.get(path);
    if (how !== undefined) {
      how(asked, answer);
      return;
    }
    const pass = () => {
      const target = new URL(asked.url ?? '/', daemon);
      const headers = { ...asked.headers, host: target.host };
      if (headers.origin !== undefined) headers.origin = target.origin;
      const passed = request(target, { method: asked.method, headers, agent: false }, (found) => {
        if (isSilent) return;
        answer.writeHead(found.statusCode ?? 502, found.headers);
        found.on('data', (piece) => {
          if (!isSilent) answer.write(piece);
        });
        found.on('end', () => {
          if (!isSilent) answer.end();
        });
      });
      passed.on('error', () => answer.destroy());
      answer.on('close', () => passed.destroy());
      asked.pipe(passed);
    };
    if (front.slow > 0 && path.startsWith('/api/')) setTimeout(pass, front.slow);
    else pass();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const gone = () =>
    new Promise<void>((over) => {
      server.close(() => over());
      for (const socket of sockets) socket.destroy();
    });
  await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
  const front: Front = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    slow: 0,
    fallSilent: () => {
      isSilent = true;
    },
    goAway: gone,
    answer: (path, how) => {
      if (how === null) own.delete(path);
      else own.set(path, how);
    },
    close: gone,
  };
  return front;
}

/** The problem of a part of the daemon that fails, with its number. */
export const fails: Answering = (_, answer) => {
  answer.writeHead(503, { 'content-type': 'application/problem+json' });
  answer.end(
    JSON.stringify({
      type: 'about:blank',
      title: 'database_busy',
      status: 503,
      detail: 'the database does not answer',
      instance: 'urn:aftercall:7f3a91',
    }),
  );
};
