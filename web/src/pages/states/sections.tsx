// The states, one entry a component.
import { Button } from 'antd';
import { type ComponentType, useState } from 'react';
import { ApiError } from '../../api/error';
import { Attention } from '../../components/Attention';
import { CallState, CallStateCell, type CallStateName, callStateNames } from '../../components/CallState';
import { Card } from '../../components/Card';
import { ChoiceField } from '../../components/ChoiceField';
import { CursorTable } from '../../components/CursorTable';
import { DayField } from '../../components/DayField';
import { DeedButton } from '../../components/DeedButton';
import { DispositionTag } from '../../components/DispositionTag';
import { dispositions } from '../../components/dispositions';
import { EmptyLine } from '../../components/EmptyLine';
import { CardError, ErrorLine, FailedCard } from '../../components/ErrorLine';
import { EvidenceFacts } from '../../components/EvidenceFacts';
import { FaultList } from '../../components/FaultList';
import { FigureLink } from '../../components/FigureLink';
import { FileField } from '../../components/FileField';
import { IconButton } from '../../components/IconButton';
import { Keycap } from '../../components/Keycap';
import { Masked } from '../../components/Masked';
import { PhoneField } from '../../components/PhoneField';
import { SegmentedField } from '../../components/SegmentedField';
import { Segments } from '../../components/Segments';
import { Sheet } from '../../components/Sheet';
import { Refreshing, Skeleton } from '../../components/Skeleton';
import { Bar, Progress, StackBar } from '../../components/StackBar';
import { StaleBarAt } from '../../components/StaleBar';
import { Strip } from '../../components/Strip';
import { TextField } from '../../components/TextField';
import { WhyLine } from '../../components/WhyLine';

const callStates = Object.keys(callStateNames) as CallStateName[];

const refused = new ApiError({
  title: 'the daemon cannot do it now',
  status: 503,
  detail: 'the store is being checked; try again in a minute',
  instance: '7f3a-19c2',
});

const departments = ['骨科', '心血管内科'].map((name) => ({ value: name, label: name }));

const wide = { flex: '1 1 420px', minWidth: 0 } as const;

function Rows({ rows, error = null }: { rows: number; error?: ApiError | null }) {
  const [opened, setOpened] = useState(0);
  return (
    <div className="card" style={{ ...wide, height: 220 }}>
      <CursorTable
        label={`Rows ${rows}, ${error === null ? '' : 'error, '}${opened} opened`}
        columns={[
          {
            key: 'a',
            title: '时间',
            width: '120px',
            cell: (row: number) => `11-20 19:${String(row % 60).padStart(2, '0')}`,
          },
          { key: 'b', title: '患者', width: '1fr', cell: () => '刘*珍' },
          { key: 'c', title: '得分', width: '80px', align: 'right', cell: (row: number) => row },
        ]}
        rows={Array.from({ length: rows }, (_, at) => at)}
        rowKey={(row) => row}
        onOpen={() => setOpened(opened + 1)}
        rowClass={(row) => (row === 3 ? 'is-bad' : undefined)}
        error={error}
        retry={() => {}}
        empty={
          <EmptyLine action={<Button size="small">去掉“科室”</Button>}>
            没有符合的通话。去掉“科室”可得 214 条
          </EmptyLine>
        }
      />
    </div>
  );
}

export const sections: readonly { name: string; show: ComponentType }[] = [
  {
    name: 'Keycap',
    show: () => (
      <>
        <Keycap>1</Keycap>
        <Keycap look="low" meaning="不满意">
          4
        </Keycap>
        <Keycap look="system">#</Keycap>
        <Keycap look="agent">2</Keycap>
        <Keycap small>10</Keycap>
        <Keycap small look="low">
          4
        </Keycap>
      </>
    ),
  },
  {
    name: 'DispositionTag',
    show: () =>
      dispositions.map((disposition) => <DispositionTag key={disposition} disposition={disposition} />),
  },
  {
    name: 'CallState',
    show: () => (
      <>
        {callStates.map((state) => (
          <CallState key={state} state={state} />
        ))}
        <div style={{ display: 'flex', gap: 5 }}>
          {callStates.map((state) => (
            <CallStateCell key={state} state={state} />
          ))}
        </div>
      </>
    ),
  },
  {
    name: 'Masked',
    show: () => (
      <>
        <Masked>刘*珍</Masked>
        <Masked patient={1} field="phone">
          138****1234
        </Masked>
        <Masked patient={2} field="hospital_id">
          Z0386***
        </Masked>
      </>
    ),
  },
  {
    name: 'WhyLine',
    show: () => (
      <>
        <WhyLine result="完成" onEvidence={() => {}}>
          9 处应答齐全，结束语播完；19:07:53 患者先挂机，正常释放。
        </WhyLine>
        <WhyLine result="占线" colour="--d-busy">
          对端回复 486，未振铃。
        </WhyLine>
      </>
    ),
  },
  {
    name: 'Strip',
    show: () => (
      <div style={{ flex: 1, minWidth: 0 }}>
        <Strip
          label="今晚"
          answer={{
            label: '今晚打得完吗',
            value: '打得完，预计 20:17',
            note: '比窗口结束早 13 分 · 误差 ±6 分',
          }}
          figures={[
            { label: '现在', value: '19:42', rest: ':08', note: '剩 47 分 52 秒' },
            { label: '办结 / 到期', value: '871', rest: ' / 1,284', note: '67.8%' },
            { label: '真人接通率', value: '—', note: '还没有尝试' },
          ]}
        />
      </div>
    ),
  },
  {
    name: 'FigureLink',
    show: () => (
      <>
        <FigureLink n={612} to="/states" />
        <FigureLink n={871} of={1284} to="/states" />
        <FigureLink n={871} of={1284} show="rate" to="/states" />
        <FigureLink n={0} of={0} show="rate" />
        <FigureLink n={0} of={0} />
        <FigureLink n={4} onOpen={() => {}} />
      </>
    ),
  },
  {
    name: 'EmptyLine',
    show: () => (
      <EmptyLine action={<Button>看今天的导入错误</Button>}>
        没有这位患者。核对住院号，或看今天的导入错误
      </EmptyLine>
    ),
  },
  { name: 'StaleBar', show: () => <StaleBarAt answeredAt={Date.UTC(2026, 10, 20, 11, 42, 8)} /> },
  {
    name: 'Attention',
    show: () => (
      <div className="card" style={{ width: 346 }}>
        <Attention
          items={[
            {
              id: 1,
              level: 'bad',
              icon: 'headset',
              title: '2 位患者正在等人工',
              time: '0:41',
              detail: '王*兰 内分泌科、赵*德 骨科。空闲 0 人，整理中 2 人。',
              acts: (
                <>
                  <Button size="small" type="primary">
                    请整理中的坐席接听
                  </Button>
                  <Button size="small">改约回电</Button>
                </>
              ),
            },
            {
              id: 2,
              level: 'warn',
              icon: 'calendar',
              title: '7 个个案今晚到期',
              time: '20:30',
              detail: '其中 3 个仅剩 1 次尝试，已排在 20:00 前。',
            },
          ]}
        />
      </div>
    ),
  },
  {
    name: 'StackBar',
    show: () => (
      <div style={wide}>
        <StackBar
          label="今晚的结果"
          shares={[
            { disposition: 'refused', count: 9 },
            { disposition: 'completed', count: 612 },
            { disposition: 'no_answer', count: 101 },
            { disposition: 'partial', count: 48 },
            { disposition: 'busy', count: 31 },
            { disposition: 'own_line_fault', count: 20 },
            { disposition: 'vacant', count: 20 },
          ]}
        />
        <div style={{ height: 8 }} />
        <StackBar label="空" shares={[]} />
        <div style={{ height: 8 }} />
        <Bar disposition="partial" part={0.5} />
        <div style={{ height: 8 }} />
        <Progress part={0.68} label="进度" />
      </div>
    ),
  },
  {
    name: 'FaultList',
    show: () => (
      <>
        <div className="card" style={wide}>
          <FaultList
            chosen={1}
            onChoose={() => {}}
            onApply={() => {}}
            faults={[
              {
                id: 1,
                line: 12,
                column: 4,
                field: '手机',
                sentence: '科学计数法号码 1.38E+10',
                repair: '把这一列存成文本',
                rows: 31,
              },
              { id: 2, line: 40, sentence: '两个号码在一格里' },
            ]}
          />
        </div>
        <FaultList faults={[]} />
      </>
    ),
  },
  {
    name: 'EvidenceFacts',
    show: () => (
      <div style={wide}>
        <EvidenceFacts
          facts={[
            { id: 1, time: '19:04:12.018', sentence: '发出呼叫', raw: 'INVITE sip:138****1234@trunk' },
            { id: 2, time: '19:07:53.204', sentence: '患者先挂机', raw: 'BYE; Reason: Q.850;cause=16' },
          ]}
        />
      </div>
    ),
  },
  {
    name: 'Skeleton',
    show: () => (
      <div style={{ ...wide, position: 'relative' }}>
        <Refreshing on />
        <Skeleton rows={4} />
      </div>
    ),
  },
  {
    name: 'CardError',
    show: () => (
      <>
        <Card title="录音" extra="近 60 分钟">
          <CardError error={refused} retry={() => {}} what="录音暂时取不到（存储离线），答案与证据仍可看" />
        </Card>
        <FailedCard error={ApiError.unreachable()} retry={() => {}} />
        <ErrorLine error={refused} />
      </>
    ),
  },
  {
    name: 'CursorTable',
    show: () => (
      <>
        <Rows rows={500} />
        <Rows rows={0} />
        <Rows rows={0} error={refused} />
      </>
    ),
  },
  {
    name: 'TextField, FileField, DayField, ChoiceField, PhoneField, SegmentedField',
    show: () => (
      <>
        <ChoiceField label="科室" any="科室" choices={departments} value="" change={() => {}} />
        <ChoiceField label="科室" any="科室" choices={departments} value="骨科" change={() => {}} />
        <PhoneField label="号码" value="" change={() => {}} />
        <SegmentedField label="范围" choices={departments} value="骨科" change={() => {}} />
        <TextField label="账号" hint="字母、数字和 . - _ @，不分大小写" value="wang" change={() => {}} />
        <TextField label="处理结果" rows={3} value="" change={() => {}} />
        <FileField label="选择名单文件" accept=".csv" choose={() => {}} />
        <FileField label="选择名单文件" accept=".csv" disabled choose={() => {}} />
        <DayField label="从" value="" change={() => {}} />
        <DayField label="到" value="2026-11-20" change={() => {}} />
      </>
    ),
  },
  {
    name: 'Segments, IconButton',
    show: () => (
      <>
        <Segments
          label="语言"
          segments={[
            { value: 'zh', shown: '中', name: '中文' },
            { value: 'en', shown: 'EN', name: 'English' },
          ]}
          value="zh"
          change={() => {}}
        />
        <IconButton icon="left" label="上一通" className="plain" press={() => {}} />
        <IconButton icon="right" label="下一通" className="plain" isOff press={() => {}} />
      </>
    ),
  },
  {
    name: 'Sheet',
    show: () => (
      <div className="card" style={wide}>
        <Sheet label="小休原因" heads={['中文', { name: '顺序', className: 'num' }]}>
          <tr>
            <td>用餐</td>
            <td className="num">1</td>
          </tr>
        </Sheet>
      </div>
    ),
  },
  {
    name: 'DeedButton',
    show: () => (
      <>
        <DeedButton run={async () => {}} done="已重新排队">
          重新排队
        </DeedButton>
        <DeedButton run={() => Promise.reject(refused)}>我来办</DeedButton>
      </>
    ),
  },
];
