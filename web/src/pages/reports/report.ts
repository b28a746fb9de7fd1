// What the page calls the API's words.
import type { components } from '../../api/schema';

export type Report = components['schemas']['FiguresShown'];
export type Figure = components['schemas']['ReportFigure'];
export type Question = components['schemas']['QuestionFigures'];
export type CaseBehind = components['schemas']['CaseBehind'];
