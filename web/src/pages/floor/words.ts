import { defineWords, type Word } from '../../i18n';

/** Pauses that nobody asked for; what agents choose is named by the daemon. */
export const pauses: Readonly<Record<string, Word>> = {
  phone_failed: ['话机未应答', 'Phone did not answer'],
  signed_in: ['未就绪', 'Not ready'],
};

export const words = defineWords({
  title: ['席况', 'Agents'],
  counts: [
    '{talking} 通话或整理 · {ready} 就绪 · {off} 不在岗',
    '{talking} in a call or wrap-up · {ready} ready · {off} off',
  ],
  agent: ['坐席', 'Agent'],
  doing: ['状态', 'State'],
  since: ['已持续', 'For'],
  agentLeg: ['坐席侧', 'Agent’s phone'],
  patientLeg: ['患者侧', 'Patient'],
  calls: ['今日呼叫', 'Calls today'],
  ofLimit: ['{n} / {most}', '{n} / {most}'],
  listen: ['监听', 'Listen in'],
  listenFor: ['监听 {name} 的通话', 'Listen to {name}’s call'],
  stop: ['停止监听', 'Stop listening'],
  listenEffect: [
    '您的话机会响，接听后只能听，双方听不到您。谁在什么时候监听会记入审计。',
    'Your phone rings; you hear both and nobody hears you. Who listened and when goes into the audit log.',
  ],
  go: ['开始监听', 'Start'],
  listening: ['{n} 人在听', '{n} listening'],
  grant: ['放行', 'Let pass'],
  grantFor: ['放行 {name} 的这一次呼叫', 'Let {name}’s call pass'],
  grantEffect: [
    '只对这一个个案、这位坐席有效，一小时内用一次；理由和您的姓名记入审计。正在被呼叫的号码不能放行。',
    'For this case and this agent, once within the hour; the reason and your name go into the audit log. A number in a call now cannot be let pass.',
  ],
  reason: ['理由', 'Reason'],
  nobody: [
    '没有坐席登录。坐席在“坐席”页按“就绪”后会列在这里。',
    'No agent is signed in. Agents are listed once they press Ready on their desk.',
  ],
  failed: ['没能取到席况', 'The agents could not be read'],
});
