// A desk as the daemon would tell of it, for tests and for looking at: invented people; none of it is in the built console.
import type { Answer, DeskPage, Form, Option, Step, Talk } from './api';

const option = (key: string, label: string, points: number | null = null): Option => ({
  key,
  value: Number(key),
  label,
  points,
  wants_care: points !== null && points < 40,
});

export const step = (id: string, more: Partial<Step> = {}): Step => ({
  id,
  kind: 'choice',
  title: id,
  text: '',
  required: true,
  screening: false,
  probe: null,
  options: [],
  min: null,
  max: null,
  ...more,
});

const message = (id: string, text: string): Step =>
  step(id, { kind: 'message', title: '', text, required: false });

export const answer = (question: string, value: number, more: Partial<Answer> = {}): Answer => ({
  question,
  kind: 'value',
  value,
  label: null,
  keys: String(value),
  source: 'agent',
  remark: null,
  at: '2026-11-20T11:24:10.000Z',
  is_earlier: false,
  ...more,
});

export const sampleForm: Form = {
  title: '骨科术后回访',
  steps: [
    message('greeting', '您好，这里是云溪市人民医院随访中心，这次通话会录音。'),
    step('identity', {
      title: '接听人',
      screening: true,
      text: '请问您是患者本人吗？患者本人请按1，家属请按2，打错了请按3，现在不方便请按4。',
      options: [
        option('1', '患者本人'),
        option('2', '家属'),
        option('3', '打错了'),
        option('4', '现在不方便'),
      ],
    }),
    message('introduction', '耽误您两分钟，想了解一下您出院以后的情况。'),
    step('recovery', {
      title: '恢复情况',
      text: '您出院以后恢复得怎么样？恢复良好请按1，有所好转请按2，没有变化请按3，比出院时加重请按4。',
      options: [
        option('1', '恢复良好', 100),
        option('2', '有所好转', 80),
        option('3', '没有变化', 60),
        option('4', '比出院时加重', 0),
      ],
    }),
    message('worse', '请您尽快到医院就诊，我也会把您的情况转给高医生。'),
    step('medicine', {
      title: '服药',
      text: '您按照医嘱服药了吗？按时服药请按1，有时漏服请按2，自己停药请按3，没有开药请按4。',
      options: [
        option('1', '按时服药'),
        option('2', '有时漏服'),
        option('3', '自己停药'),
        option('4', '没有开药'),
      ],
    }),
    step('pain', {
      title: '伤口疼痛',
      text: '伤口还疼不疼？是不疼、活动时疼，还是一直疼？',
      options: [
        option('1', '不疼', 100),
        option('2', '活动时疼', 60),
        option('3', '一直疼', 0),
        option('4', '说不清'),
      ],
    }),
    step('recheck', {
      title: '复诊',
      text: '您到医院复查了吗？',
      options: [option('1', '已经复查'), option('2', '还没有到时间'), option('3', '到时间没有去')],
    }),
    step('doctor', {
      title: '医生',
      text: '医生的解释您听得明白吗？',
      options: [option('1', '明白'), option('2', '一部分'), option('3', '不明白', 0)],
    }),
    step('advice', {
      title: '评价',
      kind: 'score',
      text: '零到十分，您给我们的服务打几分？',
      min: 0,
      max: 10,
    }),
  ],
  path: ['greeting', 'identity', 'introduction', 'recovery', 'medicine', 'pain', 'recheck'],
  open: 'recheck',
  end: null,
  missing: ['recheck', 'doctor', 'advice'],
  phrases: ['不着急，您慢慢说。', '我替您记下来，转给科室。', '用药请以医生的话为准。'],
  answers: [
    answer('identity', 1, { label: '患者本人' }),
    answer('recovery', 2, {
      label: '有所好转',
      source: 'patient',
      at: '2026-11-20T11:22:08.000Z',
      is_earlier: true,
    }),
    answer('medicine', 1, {
      label: '按时服药',
      source: 'patient',
      at: '2026-11-20T11:22:31.000Z',
      is_earlier: true,
    }),
    answer('pain', 2, {
      label: '活动时疼',
      at: '2026-11-20T11:25:41.000Z',
      remark: '走十来分钟开始疼，不红不肿',
    }),
  ],
};

const said = (zh: string, en: string) => ({ zh, en });

export const sampleTalk: Talk = {
  id: 5012,
  origin: 'asked_for',
  preview_until_at: null,
  state: 'talking',
  state_since_at: '2026-11-20T11:23:41.000Z',
  attempt_id: 9120,
  agent_leg: { state: 'talking', since_at: '2026-11-20T11:23:24.000Z', ending: null },
  patient_leg: { state: 'talking', since_at: '2026-11-20T11:23:41.000Z', ending: null },
  third_leg: null,
  keys: '21',
  recording: 'on',
  is_muted: false,
  refusal: null,
  case: {
    case_id: 391,
    patient_id: 77,
    name: '孙美华',
    patient_no: 'Z0391***',
    sex: 'female',
    birth: '1948',
    age: '78',
    language: null,
    deceased: false,
    states: [],
    campaign: '骨科术后回访',
    visit_no: 'V22***',
    department: '骨科二病区',
    ward: null,
    bed: null,
    doctor: '高志远',
    diagnoses: '右股骨颈骨折术后',
    admitted_at: '2026-11-05T02:00:00.000Z',
    discharged_at: '2026-11-13T02:00:00.000Z',
    due_at: '2026-11-18T02:00:00.000Z',
    deadline_at: '2026-11-20T12:30:00.000Z',
    appointment_at: null,
    priority: 5,
    counted: 2,
    budget: 3,
    numbers: [
      {
        id: 1,
        number: '138****6027',
        owner: 'self',
        relation: null,
        state: 'ok',
        listed: false,
        is_current: true,
      },
      {
        id: 2,
        number: '139****8815',
        owner: 'kin',
        relation: '女儿',
        state: 'ok',
        listed: false,
        is_current: false,
      },
    ],
    history: [
      {
        attempt_id: 9101,
        begun_at: '2026-11-20T11:21:00.000Z',
        agent: null,
        disposition: 'partial',
        sentence: said('答 2 题后按 0 转人工', 'Answered 2, then pressed 0 for a person'),
        answers: 2,
      },
      {
        attempt_id: 8872,
        begun_at: '2026-11-19T10:47:00.000Z',
        agent: null,
        disposition: 'no_answer',
        sentence: said('响铃 38 秒无人接听', 'Rang for 38 s, nobody answered'),
        answers: 0,
      },
      {
        attempt_id: 7011,
        begun_at: '2026-08-02T02:05:00.000Z',
        agent: '王志强',
        disposition: 'completed',
        sentence: said('总评 9 分，无问题件', 'Scored 9, no ticket'),
        answers: 7,
      },
    ],
    notes: [{ at: '2026-08-02T02:09:00.000Z', who: '王志强', text: '听力减退，请放慢语速；女儿可代接。' }],
    messages: [{ id: 61, at: '2026-11-19T12:04:00.000Z', recording_ms: 17_400, seen_by: null }],
  },
  form: sampleForm,
  note: {
    text: '女儿下周一陪同复诊。希望电话里讲慢一点。',
    version: 3,
    saved_at: '2026-11-20T11:25:30.000Z',
  },
  outcomes: [
    {
      id: 'completed',
      words: said('完成', 'Completed'),
      may: false,
      why_not: said('还有题目未答', 'Questions are left without an answer'),
      needs: 'nothing',
    },
    { id: 'partial', words: said('部分完成', 'Partial'), may: true, why_not: null, needs: 'cause' },
    {
      id: 'appointment',
      words: said('约定回电', 'Call back'),
      may: true,
      why_not: null,
      needs: 'appointment',
    },
    { id: 'third_party', words: said('他人接听', 'Third party'), may: true, why_not: null, needs: 'cause' },
    { id: 'refused', words: said('拒访', 'Refused'), may: true, why_not: null, needs: 'cause' },
    { id: 'wrong_number', words: said('错号', 'Wrong number'), may: true, why_not: null, needs: 'nothing' },
    { id: 'deceased', words: said('已去世', 'Deceased'), may: true, why_not: null, needs: 'nothing' },
    { id: 'incapable', words: said('无法应答', 'Unable'), may: true, why_not: null, needs: 'cause' },
  ],
  outcome: null,
  cause: null,
  classified: null,
  tickets: [],
};

export const samplePage: DeskPage = {
  at: '2026-11-20T11:25:55.000Z',
  me: {
    presence: 'talking',
    reason: null,
    refused: null,
    since_at: '2026-11-20T11:23:24.000Z',
    until_at: null,
    // biome-ignore lint/suspicious/noThenProperty: the daemon's word; it holds a word, no function
    then: null,
    phone: {
      kind: 'registered',
      name: '8001',
      standing: 'registered',
      standing_since_at: '2026-11-20T00:31:07.000Z',
    },
    calls_today: 23,
    completed_today: 17,
    calls_a_day: 300,
    wrap_up_mean_ms: 38_000,
  },
  conversation: sampleTalk,
  given_back: null,
  upcoming: [
    upcoming(392, '周*国', 'male', '66', '投诉后回访', '2026-11-20T12:25:00.000Z', null),
    upcoming(393, '吴*英', 'female', '81', '骨科术后回访', null, '2026-11-20T11:45:00.000Z'),
    upcoming(394, '郑*民', 'male', '70', '出院后随访', '2026-11-22T12:30:00.000Z', null),
    upcoming(395, '冯*芝', 'female', '85', '出院后随访', '2026-11-23T12:30:00.000Z', null),
  ],
  next_appointment_at: '2026-11-20T11:45:00.000Z',
  pause_reasons: [
    { id: 'rest', zh: '小休', en: 'Break', is_offered: true },
    { id: 'meal', zh: '用餐', en: 'Meal', is_offered: true },
    { id: 'meeting', zh: '会议', en: 'Meeting', is_offered: true },
    { id: 'training', zh: '培训', en: 'Training', is_offered: true },
    { id: 'paperwork', zh: '整理资料', en: 'Paperwork', is_offered: true },
    { id: 'other', zh: '其他', en: 'Other', is_offered: true },
  ],
  transfers: ['051085550100', '051085550119'],
};

function upcoming(
  case_id: number,
  name: string,
  sex: string,
  age: string,
  campaign: string,
  deadline_at: string | null,
  appointment_at: string | null,
) {
  return {
    case_id,
    name,
    sex,
    age,
    campaign,
    department: null,
    deadline_at,
    appointment_at,
    priority: 5,
    last_disposition: null,
  };
}

/** The desk with this in hand instead. */
export const withTalk = (
  more: Partial<Talk>,
  presence: DeskPage['me']['presence'] = 'talking',
): DeskPage => ({
  ...samplePage,
  me: { ...samplePage.me, presence },
  conversation: { ...sampleTalk, ...more },
});

/** The desk with nothing in hand. */
export const sampleIdle: DeskPage = {
  ...samplePage,
  me: { ...samplePage.me, presence: 'ready' },
  conversation: null,
};
