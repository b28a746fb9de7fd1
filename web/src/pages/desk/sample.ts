// A desk as the daemon would tell of it, for tests and for looking at: invented people, none of it is in the built console.
import type { Conversation, DeskCase, DeskState, Leg } from './api';
import type { Form, Option, Part } from './form';

const option = (key: string, label: string, more: Partial<Option> = {}): Option => ({
  key,
  code: Number(key),
  label,
  next: null,
  probe: null,
  asks_time: false,
  low: false,
  ...more,
});

const part = (id: string, more: Partial<Part>): Part => ({
  id,
  kind: 'choice',
  title: id,
  say: '',
  required: true,
  screening: false,
  options: [],
  min: null,
  max: null,
  branches: [],
  next: null,
  on_refusal: null,
  ...more,
});

export const choice = (id: string, next: string, labels: readonly string[], more: Partial<Part> = {}): Part =>
  part(id, { next, options: labels.map((label, at) => option(String(at + 1), label)), ...more });

export const sampleForm: Form = {
  title: '骨科术后回访',
  start: 'greeting',
  parts: [
    part('greeting', {
      kind: 'message',
      title: '',
      say: '您好，这里是云溪市人民医院随访中心，我姓李，工号 1024。这次通话会录音。',
      required: false,
      next: 'identity',
    }),
    part('identity', {
      title: '接听人',
      screening: true,
      say: '请问您是孙美华本人吗？',
      options: [
        option('1', '患者本人', { next: 'introduction' }),
        option('2', '家属', { next: 'end.third_party' }),
        option('3', '打错了', { next: 'end.wrong_number' }),
        option('4', '现在不方便', { asks_time: true }),
      ],
      on_refusal: 'end.refused',
    }),
    part('introduction', {
      kind: 'message',
      title: '',
      say: '耽误您两分钟，想了解一下您出院以后的情况。',
      required: false,
      next: 'recovery',
    }),
    choice('recovery', 'medicine', [], {
      title: '恢复情况',
      say: '您出院以后恢复得怎么样？恢复良好请按1，有所好转请按2，没有变化请按3，比出院时加重请按4。',
      options: [
        option('1', '恢复良好'),
        option('2', '有所好转'),
        option('3', '没有变化'),
        option('4', '比出院时加重', { next: 'worse', low: true }),
      ],
    }),
    part('worse', {
      kind: 'message',
      title: '',
      say: '请您尽快到医院就诊，我也会把您的情况转给高医生。',
      required: false,
      next: 'medicine',
    }),
    choice('medicine', 'pain', ['按时服药', '有时漏服', '自己停药', '没有开药'], {
      title: '按医嘱服药',
      say: '您按照医嘱服药了吗？',
    }),
    choice('pain', 'advice', [], {
      title: '伤口疼痛',
      say: '伤口还疼不疼？是不疼、活动时疼，还是一直疼？',
      options: [
        option('1', '不疼'),
        option('2', '活动时疼', { probe: '活动多久以后开始疼？有没有红肿、发热？' }),
        option('3', '一直疼', { probe: '从什么时候开始的？晚上能不能睡着？', low: true }),
        option('4', '说不清'),
      ],
    }),
    part('advice', {
      kind: 'score',
      title: '总体评价',
      say: '零到十分，您给我们的服务打几分？',
      min: 0,
      max: 10,
      branches: [{ low: 0, high: 5, next: 'sorry' }],
      next: 'end.completed',
    }),
    part('sorry', {
      kind: 'message',
      title: '',
      say: '很抱歉没有让您满意，我会如实记下来。',
      required: false,
      next: 'end.completed',
    }),
  ],
};

const said = (zh: string, en: string) => ({ zh, en });

export const sampleCase: DeskCase = {
  id: 391,
  patient: 77,
  name: '孙美华',
  name_shown: true,
  sex: 'female',
  age: '78',
  patient_no: 'Z0391***',
  department: '骨科二病区',
  doctor: '高志远',
  diagnoses: '右股骨颈骨折术后',
  discharged_at: '2026-11-13T02:00:00.000Z',
  deadline_at: '2026-11-20T12:30:00.000Z',
  appointment_at: null,
  attempts_left: 1,
  campaign: '骨科术后回访',
  notices: [
    { kind: 'hearing', title: '听力减退，请放慢语速', text: '女儿可代接，不可代答' },
  ],
  numbers: [
    { id: 1, number: '138****6027', owner: 'self', relation: null, state: 'ok', listed: false, current: true },
    { id: 2, number: '139****8815', owner: 'kin', relation: '女儿', state: 'ok', listed: false, current: false },
  ],
  history: [
    {
      key: 'a2',
      at: '2026-11-20T11:21:00.000Z',
      title: said('智能外呼 第 2 次', 'Automatic call, 2nd'),
      sentence: said('答 2 题后按 0 转人工', 'Answered 2 questions, then pressed 0 for a person'),
      disposition: 'partial',
    },
    {
      key: 'a1',
      at: '2026-11-19T10:47:00.000Z',
      title: said('智能外呼 第 1 次', 'Automatic call, 1st'),
      sentence: said('响铃 38 秒无人接听', 'Rang for 38 s, nobody answered'),
      disposition: 'no_answer',
    },
    {
      key: 'e1',
      at: '2026-08-02T02:05:00.000Z',
      title: said('上次住院回访', 'Follow-up of the stay before'),
      sentence: said('总评 9 分，无问题件', 'Scored 9, no ticket'),
      disposition: 'completed',
    },
  ],
  form: {
    ...sampleForm,
    version: '6',
    phrases: ['不着急，您慢慢说。', '我替您记下来，今天转给高医生。', '用药请以医生的话为准。'],
  },
  answers: [
    given('identity', 1, '1', 'agent', '11:24:10', ''),
    given('recovery', 2, '2', 'patient_key', '11:22:08', ''),
    given('medicine', 1, '1', 'patient_key', '11:22:31', ''),
  ],
  handed_over: 2,
  note: '女儿下周一陪同复诊。希望电话里讲慢一点。',
  note_version: 3,
};

function given(
  question: string,
  value: number,
  key: string,
  source: 'agent' | 'patient_key',
  time: string,
  probe: string,
) {
  return { question, value, refused: false, key, source, at: `2026-11-20T${time}.000Z`, probe };
}

const leg = (more: Partial<Leg>): Leg => ({
  state: 'calling',
  since_at: null,
  address: null,
  facts: [],
  ending: null,
  ...more,
});

export const sampleTalk: Conversation = {
  id: 5012,
  state: 'talking',
  begun_at: '2026-11-20T11:23:20.000Z',
  talking_at: '2026-11-20T11:23:41.000Z',
  ended_at: null,
  agent: leg({ state: 'talking', since_at: '2026-11-20T11:23:24.000Z', address: '8024', facts: ['Yealink T31', 'G.711'] }),
  patient: leg({
    state: 'talking',
    since_at: '2026-11-20T11:23:41.000Z',
    address: '138****6027',
    facts: ['电信 A', 'G.711', '0510-8***0120'],
  }),
  refusal: null,
  recording: 'running',
  muted: null,
  keys: '11',
  listening: [],
  incoming: null,
  attempt: 9120,
};

export const sampleState: DeskState = {
  at: '2026-11-20T11:25:55.000Z',
  name: '李文静',
  presence: 'talking',
  since_at: '2026-11-20T11:23:41.000Z',
  until_at: null,
  pause: null,
  pauses: [
    { id: 'rest', said: said('小休', 'Break') },
    { id: 'meal', said: said('用餐', 'Meal') },
    { id: 'meeting', said: said('会议', 'Meeting') },
    { id: 'training', said: said('培训', 'Training') },
    { id: 'paperwork', said: said('整理资料', 'Paperwork') },
    { id: 'other', said: said('其他', 'Other') },
  ],
  then: null,
  phone: {
    user: '8024',
    realm: 'aftercall',
    server: '10.20.1.5:5070',
    registered: true,
    since_at: '2026-11-20T00:02:00.000Z',
    device: 'Yealink SIP-T31P',
    by_number: false,
  },
  today: { calls: 23, completed: 17, wrap_up_ms: 38_000 },
  case: sampleCase,
  conversation: sampleTalk,
  next: [
    next(392, '周*国', 'male', '66', 'deadline', '2026-11-20T12:25:00.000Z', '投诉后回访'),
    next(393, '吴*英', 'female', '81', 'appointment', '2026-11-20T11:45:00.000Z', '骨科术后回访'),
    next(394, '郑*民', 'male', '70', 'call_back', null, '未接来电'),
    next(395, '冯*芝', 'female', '85', 'handed_over', null, '智能外呼转出'),
  ],
  idle: { reason: null, next_at: null },
};

function next(
  of: number,
  name: string,
  sex: string,
  age: string,
  kind: DeskState['next'][number]['kind'],
  at: string | null,
  campaign: string,
) {
  return { case: of, name, sex, age, kind, at, campaign };
}

/** The desk with nothing in hand. */
export const sampleIdle: DeskState = {
  ...sampleState,
  presence: 'ready',
  case: null,
  conversation: null,
};
