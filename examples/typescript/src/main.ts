// The page: choose platforms and an indicator, and see who is there and how it goes.
import { showAgents } from './agents';
import { element, place } from './elements';
import { ask } from './gateway';
import { type IndicatorKey, PlatformsDocument } from './generated/graphql';
import { INDICATORS, showSeries } from './series';

const chosen = (): string[] =>
  [...document.querySelectorAll<HTMLInputElement>('#platforms input:checked')].map(
    ({ value }) => value,
  );

const trouble = place('trouble', HTMLElement);
let asking = new AbortController();
let leave = (): void => {};

function say(error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  trouble.textContent = `⚠ ${error instanceof Error ? error.message : String(error)}`;
  trouble.hidden = false;
}

function figures(): void {
  asking.abort();
  asking = new AbortController();
  trouble.hidden = true;
  // The choices were made of the keys themselves.
  const indicator = place('indicator', HTMLSelectElement).value as IndicatorKey;
  showSeries(indicator, chosen(), asking.signal).catch(say);
}

function everything(): void {
  leave();
  leave = showAgents(chosen());
  figures();
}

async function start(): Promise<void> {
  const select = place('indicator', HTMLSelectElement);
  for (const [value, text] of Object.entries(INDICATORS)) {
    select.append(element('option', { value }, text));
  }
  const { platforms } = await ask(PlatformsDocument, {});
  for (const { key, title } of platforms ?? []) {
    const box = element('input', { type: 'checkbox', value: key, checked: true });
    place('platforms', HTMLElement).append(element('label', {}, box, ` ${title}`));
  }
  place('platforms', HTMLElement).addEventListener('change', everything);
  select.addEventListener('change', figures);
  everything();
}

start().catch(say);
