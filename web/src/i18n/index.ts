// The words of the console.
export { LanguageProvider, useLanguage, useSay, useWords } from './language';
export { defineWords, type Language, type Say, say, type Word, type Words } from './words';
