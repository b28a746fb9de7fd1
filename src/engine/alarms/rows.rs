//! The table of alarms: name, severity, seconds until raised and cleared, meaning and remedy in English and Chinese.

use std::time::Duration;

use super::{Alarm, Severity};

/// Makes the table and a name for each row.
macro_rules! alarms {
    ($($name:ident $id:literal $severity:ident ($after:literal, $quiet:literal)
        $en:literal $zh:literal $to_do_en:literal $to_do_zh:literal;)*) => {
        $(
            #[doc = $en]
            pub(crate) static $name: Alarm = Alarm {
                id: $id,
                severity: Severity::$severity,
                raised_after: Duration::from_secs($after),
                cleared_after: Duration::from_secs($quiet),
                en: $en,
                zh: $zh,
                to_do_en: $to_do_en,
                to_do_zh: $to_do_zh,
            };
        )*

        /// All rows, in the order of the documentation.
        pub(crate) static ALL: &[&Alarm] = &[$(&$name),*];
    };
}

/// What another release of the program raised, and this one does not know.
pub(crate) static UNKNOWN: Alarm = Alarm {
    id: "unknown",
    severity: Severity::Warning,
    raised_after: Duration::ZERO,
    cleared_after: Duration::ZERO,
    en: "an alarm of another release",
    zh: "其他版本的告警",
    to_do_en: "nothing: this release does not look after it",
    to_do_zh: "无需处理:本版本不再检查该项",
};

alarms! {
    TRUNK_DOWN "trunk_down" Critical (0, 30)
        "a trunk is down: no call leaves over it" "中继不可用,不再由此外呼"
        "see Trunks: the detail says how we know; ask the carrier, check the way there and the account"
        "见“Trunks”一节:detail 写明依据;联系运营商,检查网络与账号";
    TRUNK_UNREGISTERED "trunk_unregistered" Critical (60, 0)
        "a trunk has not answered our first registration" "中继迟迟未应答首次注册"
        "check `address` and the firewall" "检查 `address` 与防火墙";
    REALM_REFUSED "realm_refused" Critical (0, 3600)
        "a trunk asked for credentials of another realm and did not get them" "中继要求另一认证域的密码,未予发送"
        "if the carrier changed its realm, set `realm` and restart; if not, somebody asks for your password"
        "若运营商更换了认证域,修改 `realm` 并重启;否则有人在骗取密码";
    OWN_FAULTS "own_faults" Critical (0, 60)
        "ten attempts in a row failed by our own fault or the trunk's" "连续十次呼叫因我方或中继故障失败"
        "`aftercall status` shows the last dispositions; `aftercall check --trunk NAME` asks the trunk"
        "用 `aftercall status` 看最近结果码,用 `aftercall check --trunk 名称` 检查中继";
    DATABASE_AWAY "database_away" Critical (0, 10)
        "the database does not take a write within two seconds" "数据库两秒内无法写入"
        "close tools that have it open for writing; check the disk. No new call starts meanwhile"
        "关闭占用数据库的工具,检查磁盘;期间不再发起新呼叫";
    DATABASE_FROZEN "database_frozen" Critical (0, 0)
        "the database was restored, copied or moved: nobody is called" "数据库是恢复、复制或移动而来,已冻结,不拨打任何号码"
        "`aftercall thaw` shows what would be dialed again and asks" "运行 `aftercall thaw`:列出将再次拨打的个案并确认";
    JOURNAL_IN_USE "journal_in_use" Critical (0, 10)
        "the database is away; what calls say goes to the journal" "数据库不可用,通话内容暂存日志文件"
        "the detail says why: full disk, foreign lock, moved file. It is carried back by itself"
        "detail 写明原因:磁盘满、被其他程序锁定或文件被移动;恢复后自动写回";
    JOURNAL_NEARLY_FULL "journal_nearly_full" Critical (0, 10)
        "three quarters of the journal are used while the database is away" "数据库不可用期间日志文件已用四分之三"
        "bring the database back now: when the journal is full, no key can be kept, and calls end with an apology"
        "尽快恢复数据库:日志写满后无法保存按键,通话将致歉并挂断";
    BACKUP_OLD "backup_old" Warning (0, 0)
        "the last backup is older than `warn_after_days`" "上次备份已超过 `warn_after_days` 天"
        "run `aftercall backup FOLDER`, best by a timer each night; its exit status and message say why it fails"
        "运行 `aftercall backup 目录`,最好每晚定时;若失败,其提示写明原因";
    KEPT_SLOWLY "kept_slowly" Warning (0, 300)
        "a key took more than half a second to be on the disk" "按键落盘超过半秒"
        "the disk is too slow or shared: find what else writes to it" "磁盘过慢或被占用:查明写盘的程序";
    DISK_FULL "disk_full" Critical (0, 0)
        "less than `keep_free_mb` is free where the data folder is: no new call begins" "数据目录所在磁盘剩余不足 `keep_free_mb`,暂停发起新呼叫"
        "free space at once: old recordings, other programs' files. Nothing that was confirmed is lost; calls go on by themselves"
        "立即清理磁盘:旧录音或其他文件;已确认的数据不会丢失,有空间后自动恢复外呼";
    DISK_NEARLY_FULL "disk_nearly_full" Warning (0, 60)
        "less than four times `keep_free_mb` is free where the data folder is" "数据目录所在磁盘剩余不足 `keep_free_mb` 的四倍"
        "free space or enlarge the disk; an answered minute takes 1.9 MB" "清理或扩容;每分钟通话录音约 1.9 MB";
    RECORDING_FAILED "recording_failed" Warning (0, 600)
        "a recording could not be written" "录音写入失败"
        "the log event `recording_failed` says why: the disk, or the rights of `recordings/`"
        "日志事件 `recording_failed` 写明原因:磁盘或 `recordings/` 权限";
    RECORDING_ALTERED "recording_altered" Critical (0, 0)
        "recordings differ from what was recorded" "有录音与原始录音不一致"
        "`aftercall integrity` lists them: keep the files, restore them from a backup, find out who or what changed them"
        "`aftercall integrity` 列出这些录音:保留原文件,从备份恢复,查明改动来源";
    RECORDER_BEHIND "recorder_behind" Warning (0, 600)
        "recordings have gaps: the disk was too slow" "录音有缺口:磁盘太慢"
        "find what else uses the disk, or use fewer lines" "查明占用磁盘的程序,或减少线路";
    MEDIA_LATE "media_late" Warning (10, 30)
        "media workers wake more than 20 ms late: patients hear gaps" "媒体线程唤醒延迟超过 20 毫秒,患者会听到断续"
        "the machine is too busy or shared: find what else runs on it, or use fewer lines; see aftercall_media_lateness_seconds"
        "机器过忙或被共用:查明占用 CPU 的程序,或减少线路;参见 aftercall_media_lateness_seconds";
    CONTROL_STUCK "control_stuck" Critical (0, 0)
        "the control thread has not turned for two seconds" "控制线程两秒未运转"
        "the machine is overloaded or stopped; if it does not clear by itself, restart the daemon and report it"
        "机器过载或被挂起;若不自行恢复,重启服务并上报";
    PANICKED "panicked" Critical (0, 3600)
        "a part of the program broke down" "程序内部出错"
        "report it with the log event `panicked`; restart the daemon when no call is up"
        "附日志事件 `panicked` 上报;待无通话时重启服务";
    CLOCK_JUMPED "clock_jumped" Warning (0, 3600)
        "the host's clock was set by more than a second" "主机时钟跳变超过一秒"
        "find out who set it; windows and due times go by it. Have NTP slew, not step"
        "查明原因;时段与到期时间以它为准。让 NTP 平滑校时";
}
