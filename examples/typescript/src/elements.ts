type Child = Node | string;

/** Make an element; what comes from platforms goes in as text, never as markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function place<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

export function failed(what: string, retryable: boolean): HTMLElement {
  const then = retryable ? 'It is asked again.' : 'Somebody has to mend it.';
  return element('p', { className: 'failed' }, `⚠ ${what} ${then}`);
}
