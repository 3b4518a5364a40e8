// Who is available, platform by platform, as the gateway tells it.
import { element, failed, place } from './elements';
import { follow } from './gateway';
import {
  AvailabilityDocument,
  type AvailabilitySubscription,
  type PresenceStatus,
} from './generated/graphql';

type Event = NonNullable<AvailabilitySubscription['agentAvailability']>;
type Agent = Event['agents'][number];

interface Shown {
  readonly agents: Map<string, Agent>;
  latest: Event;
}

const WORDS: Partial<Record<PresenceStatus, string>> = {
  AVAILABLE: '● available',
  BUSY: '◐ busy',
};

export function showAgents(platforms: readonly string[]): () => void {
  const shown = new Map<string, Shown>();
  const stream = place('stream', HTMLElement);
  const told = ({ agentAvailability: event }: AvailabilitySubscription): void => {
    if (event == null) return;
    take(shown, event);
    place('agents', HTMLElement).replaceChildren(...[...shown.values()].map(card));
  };
  place('agents', HTMLElement).replaceChildren();
  return follow(AvailabilityDocument, { platforms: [...platforms] }, told, (state) => {
    stream.textContent = state;
  });
}

function take(shown: Map<string, Shown>, event: Event): void {
  const kept = shown.get(event.platform.key)?.agents ?? new Map<string, Agent>();
  const agents = event.snapshot ? new Map<string, Agent>() : kept;
  for (const agent of event.agents) agents.set(agent.id, agent);
  for (const id of event.removed) agents.delete(id);
  shown.set(event.platform.key, { agents, latest: event });
}

function card({ agents, latest }: Shown): HTMLElement {
  const made = element('article', {}, element('h3', {}, latest.platform.title));
  made.dataset['platform'] = latest.platform.key;
  if (latest.failure != null) {
    made.append(failed(`${latest.failure.code}: what is shown may be old.`, latest.failure.retryable));
  }
  if (latest.source.freshness === 'UNSUPPORTED') {
    made.append(element('p', { className: 'aside' }, `○ ${latest.source.note ?? 'not offered'}`));
  } else {
    made.append(...listed([...agents.values()]));
  }
  return made;
}

function listed(agents: readonly Agent[]): HTMLElement[] {
  const there = agents.filter(({ live }) => live != null && live.status in WORDS);
  const available = there.filter(({ live }) => live?.status === 'AVAILABLE');
  const items = there.map(({ label, live }) =>
    element('li', {}, `${label} ${WORDS[live?.status ?? 'UNKNOWN'] ?? ''}`),
  );
  return [
    element('p', {}, `${available.length} of ${agents.length} available`),
    element('ul', {}, ...items),
  ];
}
