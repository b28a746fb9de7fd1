// What is wrong with a page's geometry: text that is cut, that leaves the screen, or that lies on other text.
import type { Page } from 'playwright-core';

/** One line for each fault; none: all text can be read. */
export function faultsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    interface Seen {
      text: string;
      box: { left: number; top: number; right: number; bottom: number };
      element: Element;
    }
    const faults: string[] = [];
    const seen: Seen[] = [];
    const clips = (style: CSSStyleDeclaration, axis: 'X' | 'Y') =>
      (axis === 'X' ? style.overflowX : style.overflowY) !== 'visible';
    const scrolls = (style: CSSStyleDeclaration, axis: 'X' | 'Y') =>
      ['auto', 'scroll'].includes(axis === 'X' ? style.overflowX : style.overflowY);
    const told = (element: Element): boolean => element.closest('[title]') !== null;
    const isFlag = (element: Element): boolean =>
      getComputedStyle(element).position === 'absolute' &&
      getComputedStyle(element).backgroundColor !== 'rgba(0, 0, 0, 0)';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = (node.textContent ?? '').trim();
      const element = node.parentElement;
      if (text === '' || element === null || element.closest('script, style, .unseen, .skip, [hidden]'))
        continue;
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        if (rect.width < 1 || rect.height < 1) continue;
        let { left, top, right, bottom } = rect;
        let isScrolledAway = false;
        let cut = '';
        let fixed = getComputedStyle(element).position === 'fixed';
        for (let up: Element | null = element; up !== null && up !== document.body; up = up.parentElement) {
          const style = getComputedStyle(up);
          fixed ||= style.position === 'fixed';
          const box = up.getBoundingClientRect();
          for (const axis of ['X', 'Y'] as const) {
            if (!clips(style, axis) || up.tagName === 'svg' || up.tagName === 'text') continue;
            const [from, to, low, high] =
              axis === 'X' ? [left, right, box.left, box.right] : [top, bottom, box.top, box.bottom];
            const slack = axis === 'X' ? 1 : 3;
            if (from >= low - slack && to <= high + slack) continue;
            if (scrolls(style, axis)) {
              if (to <= low + 1 || from >= high - 1) isScrolledAway = true;
            } else if (
              !((style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none') && told(up))
            ) {
              cut = `${axis === 'X' ? 'wide' : 'high'} ${up.tagName.toLowerCase()}.${up.getAttribute('class') ?? ''}`;
            }
            if (axis === 'X') {
              left = Math.max(left, low);
              right = Math.min(right, high);
            } else {
              top = Math.max(top, low);
              bottom = Math.min(bottom, high);
            }
          }
        }
        if (isScrolledAway || right - left < 1 || bottom - top < 1) {
          if (cut !== '' && !isScrolledAway) faults.push(`gone: “${text}” by ${cut}`);
          continue;
        }
        if (cut !== '') faults.push(`cut: “${text}” by ${cut}`);
        else if (left < -1 || right > window.innerWidth + 1) faults.push(`beside the screen: “${text}”`);
        if (!fixed) seen.push({ text, box: { left, top, right, bottom }, element });
      }
    }
    for (const [place, one] of seen.entries()) {
      for (const other of seen.slice(place + 1)) {
        // A flag of its own ground, as the playhead's, covers what it stands on.
        if (one.element === other.element || isFlag(one.element) || isFlag(other.element)) continue;
        const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (wide > 2 && high > 5) faults.push(`overlap: “${one.text}” and “${other.text}”`);
      }
    }
    return [...new Set(faults)];
  });
}

/** How far the page itself can be scrolled. */
export const scrollOf = (page: Page): Promise<{ across: number; down: number }> =>
  page.evaluate(() => {
    const main = document.querySelector('main');
    return {
      across: document.documentElement.scrollWidth - window.innerWidth,
      down: Math.max(
        document.documentElement.scrollHeight - window.innerHeight,
        main === null ? 0 : main.scrollHeight - main.clientHeight,
      ),
    };
  });
