// One indicator day by day: a row for each platform, and one for all of them where that is exact.
import { element, failed, place } from './elements';
import { ask } from './gateway';
import { DailyDocument, type DailyQuery, type IndicatorKey, type Unit } from './generated/graphql';

type Answer = NonNullable<DailyQuery['indicators']>;
type Series = Answer['series'][number];

export const INDICATORS: Readonly<Partial<Record<IndicatorKey, string>>> = {
  CONVERSATIONS_STARTED: 'Conversations',
  FIRST_RESPONSE_TIME: 'First response',
  HANDLE_TIME: 'Handling time',
  SATISFACTION_RATE: 'Satisfaction',
};
const DAYS = 14;
const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const day = new Intl.DateTimeFormat(undefined, { day: '2-digit', month: '2-digit', timeZone });
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const share = new Intl.NumberFormat(undefined, { style: 'percent' });

export async function showSeries(
  indicator: IndicatorKey,
  platforms: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const target = place('series', HTMLElement);
  target.ariaBusy = 'true';
  const variables = { indicator, days: DAYS, timeZone, platforms: [...platforms] };
  const { indicators } = await ask(DailyDocument, variables, signal);
  if (indicators == null) throw new Error('The gateway could not answer for these figures.');
  target.replaceChildren(...troubles(indicators), table(indicators.series));
  target.ariaBusy = 'false';
}

function troubles({ failures, sources }: Answer): HTMLElement[] {
  const failing = failures.map(({ platform, code, retryable, staleAgeSeconds }) => {
    const part = staleAgeSeconds == null ? 'is missing' : `is ${number.format(staleAgeSeconds)} s old`;
    return failed(`${platform}: its part ${part} (${code}).`, retryable);
  });
  const unsupported = sources
    .filter(({ freshness }) => freshness === 'UNSUPPORTED')
    .map(({ platform }) => element('p', { className: 'aside' }, `○ ${platform} does not measure it.`));
  return [...failing, ...unsupported];
}

function table(series: readonly Series[]): HTMLElement {
  const days = series[0]?.points ?? [];
  const heads = days.map(({ start }) => element('th', {}, day.format(new Date(start))));
  const head = element('tr', {}, element('th'), ...heads, element('th', {}, 'all'));
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...series.map(row)));
}

function row(one: Series): HTMLElement {
  const name = one.platform?.title ?? `All (${one.platforms.length})`;
  const cells = one.points.map(({ value, final }) =>
    element('td', { className: final ? '' : 'open' }, shown(value, one.unit)),
  );
  const whole = element('td', { title: one.note ?? '' }, shown(one.value, one.unit));
  return element('tr', {}, element('th', {}, name), ...cells, whole);
}

// Not measured is no zero.
function shown(value: number | null | undefined, unit: Unit): string {
  if (value == null) return '–';
  if (unit === 'RATE') return share.format(value);
  return unit === 'SECONDS' ? `${number.format(value)} s` : number.format(value);
}
