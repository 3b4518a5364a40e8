// Asks the gateway: typed documents go in, typed answers come out.
import { createClient, type RequestParams } from 'graphql-sse';

import type { TypedDocumentString } from './generated/graphql';

export const address = new URL(
  '/graphql',
  new URLSearchParams(location.search).get('gateway') ?? 'http://127.0.0.1:8000',
).href;

interface Answer<Data> {
  data?: Data | null;
  errors?: readonly { message: string; extensions?: { code?: string } }[];
}

/** The gateway refused the question as a whole; a platform that fails is data, and no error. */
export class Refused extends Error {}

// A gateway that trusts our documents is sent their names; any other is sent their texts.
let trusted = true;

function parameters<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): object {
  const hash: unknown = document.__meta__?.['hash'];
  return trusted
    ? { documentId: `sha256:${String(hash)}`, variables }
    : { query: document.toString(), variables };
}

export async function ask<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  signal: AbortSignal | null = null,
): Promise<Data> {
  const response = await fetch(address, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json',
    },
    body: JSON.stringify(parameters(document, variables)),
    signal,
  });
  const answer = (await response.json()) as Answer<Data>;
  const [error] = answer.errors ?? [];
  if (trusted && error?.extensions?.code === 'PERSISTED_DOCUMENT_NOT_FOUND') {
    trusted = false;
    return ask(document, variables, signal);
  }
  if (error !== undefined || answer.data == null) {
    throw new Refused(error?.message ?? `The gateway answered ${response.status}.`);
  }
  return answer.data;
}

export type Stream = 'connecting' | 'live' | 'ended';

/** Follow a subscription until the returned function is called; a lost stream is opened again. */
export function follow<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  told: (data: Data) => void,
  became: (stream: Stream) => void,
): () => void {
  const client = createClient({
    url: address,
    retryAttempts: Infinity,
    on: { connecting: () => became('connecting'), connected: () => became('live') },
  });
  // The client sends whatever it is given; its type knows only questions that carry their text.
  const request = parameters(document, variables) as RequestParams;
  const stop = client.subscribe<Data>(request, {
    next: ({ data }) => {
      if (data != null) told(data);
    },
    error: () => became('ended'),
    complete: () => became('ended'),
  });
  return () => {
    stop();
    client.dispose();
  };
}
