// The search in the address, and the saved views.
import { describe, expect, it } from 'vitest';
import { active, fromText, saved, savedFrom, toText, VIEWS, without } from './search';

describe('a search', () => {
  it('comes back from the address as it went there', () => {
    const search = { department: '心血管内科', score_at_most: '40', order: 'lowest_score' };
    expect(fromText(toText(search))).toEqual(search);
  });

  it('keeps nothing that it does not know, and nothing empty', () => {
    expect(fromText('department=&q=nurses&cursor=00&flag=complaint')).toEqual({ flag: 'complaint' });
  });

  it('has one address, in whatever order it was made', () => {
    expect(toText({ flag: 'spoken', department: 'A' })).toBe(toText({ department: 'A', flag: 'spoken' }));
  });

  it('can lose one filter', () => {
    const search = fromText('department=A&flag=spoken&order=lowest_score');
    expect(active(search)).toEqual(['department', 'flag']);
    expect(toText(without(search, 'flag'))).toBe('department=A&order=lowest_score');
  });
});

describe('views', () => {
  it('that everybody has are different ones', () => {
    expect(new Set(VIEWS.map((view) => toText(view.search))).size).toBe(VIEWS.length);
  });

  it('are replaced under the same name and bounded in number', () => {
    const views = Array.from({ length: 20 }, (_, at) => `v${at}`).reduce(
      (all, name) => saved(all, name, {}),
      savedFrom(null),
    );
    expect(views).toHaveLength(12);
    expect(saved(views, 'v19', { flag: 'spoken' })).toHaveLength(12);
  });

  it('that are not views are left out', () => {
    expect(savedFrom('not json')).toEqual([]);
    expect(savedFrom('[{"name":1},{"name":"a","list":"flag=spoken&evil=1"}]')).toEqual([
      { name: 'a', list: 'flag=spoken' },
    ]);
  });
});
