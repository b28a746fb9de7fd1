// What people do, as the audit log names it. A deed that is not here is shown by the daemon's own word.
import type { Word } from '../../i18n';

export const deeds: Readonly<Record<string, Word>> = {
  signed_in: ['登录', 'Signed in'],
  signed_out: ['退出登录', 'Signed out'],
  refused_sign_in: ['登录被拒', 'Sign-in refused'],
  ended_session: ['结束登录', 'Ended a session'],
  changed_password: ['更换密码', 'Changed the password'],
  gave_password: ['重设他人密码', 'Gave a password'],
  added_account: ['新建用户', 'Added an account'],
  changed_account: ['修改用户', 'Changed an account'],
  locked_account: ['停用用户', 'Disabled an account'],
  unlocked_account: ['恢复用户', 'Enabled an account'],
  revealed: ['显示完整字段', 'Showed a masked field'],
  searched_patients: ['查找患者', 'Searched patients'],
  listened: ['听录音', 'Listened'],
  commented: ['写批注', 'Commented'],
  comment_struck: ['删去批注', 'Struck a comment'],
  flagged: ['改标记', 'Changed a flag'],
  kept_draft: ['存评分草稿', 'Kept a draft'],
  signed: ['签名锁定', 'Signed a review'],
  corrected: ['更正答案', 'Corrected an answer'],
  exported: ['导出', 'Exported'],
  exported_evidence: ['导出证据包', 'Exported evidence'],
  started: ['启动任务', 'Started a campaign'],
  paused: ['暂停任务', 'Paused a campaign'],
  resumed: ['继续任务', 'Resumed a campaign'],
  stopped: ['停止任务', 'Stopped a campaign'],
  imported: ['导入名单', 'Imported a list'],
  listed_do_not_call: ['加入免打扰', 'Added to do-not-call'],
  unlisted_do_not_call: ['移出免打扰', 'Removed from do-not-call'],
  imported_do_not_call: ['导入免打扰', 'Imported do-not-call'],
  requeued: ['号码修复后重呼', 'Queued again'],
};

export const deedName = (deed: string): Word =>
  deeds[deed] ?? [deed.replaceAll('_', ' '), deed.replaceAll('_', ' ')];
