// Sets theme and language before anything is painted, so that nothing flashes. The keys are those of src/theme/theme.tsx and
// src/i18n/language.tsx.
(() => {
  let wanted = 'system';
  let language = 'zh';
  try {
    wanted = localStorage.getItem('aftercall.theme') ?? wanted;
    language = localStorage.getItem('aftercall.language') ?? language;
  } catch {
    // No storage is allowed here: the defaults hold.
  }
  const hour = new Date().getHours();
  const night =
    wanted === 'night' ||
    (wanted === 'shift' && (hour >= 18 || hour < 6)) ||
    (wanted === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = night ? 'night' : 'day';
  document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
})();
