import { defineWords } from '../../i18n';

export const words = defineWords({
  title: ['坐席席况', 'Agents'],
  counts: ['{talking} 通话中 · {ready} 就绪 · {off} 不在岗', '{talking} talking · {ready} ready · {off} off'],
  agent: ['坐席', 'Agent'],
  doing: ['状态', 'State'],
  since: ['已持续', 'For'],
  talk: ['通话', 'Call'],
  patientLeg: ['患者侧', 'Patient'],
  today: ['今日完成 / 呼叫', 'Completed / calls'],
  phone: ['话机', 'Phone'],
  listen: ['监听', 'Listen in'],
  listenFor: ['监听 {name} 的通话', 'Listen to {name}’s call'],
  stop: ['停止监听', 'Stop listening'],
  listenEffect: [
    '您的话机会响，接听后只能听，双方听不到您。谁在什么时候监听会记入审计，坐席的屏幕上也会显示。',
    'Your phone rings; you hear both and nobody hears you. Who listened and when goes into the audit log, and the agent’s screen shows it.',
  ],
  go: ['开始监听', 'Start'],
  cancel: ['取消', 'Cancel'],
  close: ['关闭', 'Close'],
  listening: ['{names} 在听', '{names} listening'],
  nobody: [
    '没有坐席登录。坐席在“坐席”页按“就绪”后会列在这里。',
    'No agent is signed in. Agents are listed once they press Ready on their desk.',
  ],
  failed: ['没能取到席况', 'The agents could not be read'],
  byPhone: ['话机未应答', 'Phone did not answer'],
  signedIn: ['未就绪', 'Not ready'],
});
