// What plays: one audio element on the recording's address. It fetches nothing before somebody listens, and then only
//! what it plays from where it is sought, so that the byte ranges that the daemon serves are the listen log.

import { looped } from './hearing';
import type { Channel } from './keyboard';
import type { Span } from './model';

/** What the buttons show. */
export interface Playing {
  readonly on: boolean;
  /** The stretch that is repeated. */
  readonly loop: Span | null;
  readonly speed: number;
  readonly channel: Channel;
  /** Sound has been asked for and is not there yet. */
  readonly waiting: boolean;
  /** The recording cannot be had. */
  readonly failed: boolean;
}

const STILL: Playing = { on: false, loop: null, speed: 1, channel: 'both', waiting: false, failed: false };

/** Both sides of a recording, one at a time or together. */
export class Transport {
  readonly media: HTMLAudioElement;
  private readonly address: string;
  private readonly totalMs: number;
  private playing: Playing = STILL;
  private readonly watchers = new Set<() => void>();
  private readonly clocks = new Set<(ms: number) => void>();
  private frame = 0;
  private stopMs: number | null = null;
  private desk: {
    readonly context: AudioContext;
    readonly sides: readonly [GainNode, GainNode];
    readonly through: GainNode;
  } | null = null;

  constructor(address: string, totalMs: number) {
    this.address = address;
    this.totalMs = totalMs;
    this.media = new Audio();
    this.media.preload = 'none';
    this.media.preservesPitch = true;
    for (const name of [
      'play',
      'pause',
      'playing',
      'waiting',
      'seeking',
      'seeked',
      'timeupdate',
      'ended',
      'error',
    ] as const) {
      this.media.addEventListener(name, () => this.heard(name));
    }
  }

  /** For useSyncExternalStore: told when the buttons change. */
  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** For useSyncExternalStore: the same value until something changes. */
  readonly now = (): Playing => this.playing;

  /** Told the time with every frame while it plays, and after every seek; called once at the start. */
  readonly onTime = (clock: (ms: number) => void): (() => void) => {
    this.clocks.add(clock);
    clock(this.atMs());
    return () => this.clocks.delete(clock);
  };

  /** Where it is. */
  atMs(): number {
    return Math.min(this.media.currentTime * 1_000, this.totalMs);
  }

  /** Goes on from here; the promise of a refused start is of no use to anybody. */
  play(): void {
    this.load();
    if (this.atMs() >= this.totalMs - 20) this.media.currentTime = (this.playing.loop?.fromMs ?? 0) / 1_000;
    const { loop } = this.playing;
    if (loop !== null) this.comeBack(loop);
    void this.desk?.context.resume();
    this.media.play().catch(() => this.change({ on: false, waiting: false }));
  }

  pause(): void {
    this.media.pause();
  }

  toggle(): void {
    if (this.media.paused) this.play();
    else this.pause();
  }

  /** Goes to a moment; leaves the loop when the moment is outside of it. */
  seek(ms: number): void {
    this.stopMs = null;
    const to = Math.min(Math.max(ms, 0), this.totalMs);
    const { loop } = this.playing;
    if (loop !== null && (to < loop.fromMs || to >= loop.toMs)) this.change({ loop: null });
    this.media.currentTime = to / 1_000;
    this.tell();
  }

  /** Repeats a stretch from its start until it is released; still or sounding, as asked. */
  hear(span: Span, start: 'playing' | 'paused'): void {
    this.stopMs = null;
    this.change({ loop: span });
    this.media.currentTime = span.fromMs / 1_000;
    this.tell();
    if (start === 'playing') this.play();
    else this.pause();
  }

  /** Plays a stretch from its start to its end and stops there. */
  once(span: Span): void {
    this.change({ loop: null });
    this.stopMs = span.toMs;
    this.media.currentTime = span.fromMs / 1_000;
    this.play();
  }

  /** Stops repeating; plays on if it plays. */
  release(): void {
    this.change({ loop: null });
  }

  setSpeed(speed: number): void {
    this.media.playbackRate = speed;
    this.media.defaultPlaybackRate = speed;
    this.change({ speed });
  }

  /** One side alone is heard in both ears. */
  setChannel(channel: Channel): void {
    if (channel !== 'both' || this.desk !== null) {
      const {
        sides: [patient, hospital],
        through,
      } = this.mixer();
      patient.gain.value = channel === 'patient' ? 1 : 0;
      hospital.gain.value = channel === 'hospital' ? 1 : 0;
      through.gain.value = channel === 'both' ? 1 : 0;
    }
    this.change({ channel });
  }

  /** Lets go of the sound; the transport is of no use afterwards. */
  close(): void {
    cancelAnimationFrame(this.frame);
    this.media.pause();
    this.media.removeAttribute('src');
    this.media.load();
    void this.desk?.context.close();
    this.watchers.clear();
    this.clocks.clear();
  }

  /** Tries again after the recording could not be had. */
  retry(): void {
    const at = this.media.currentTime;
    this.media.removeAttribute('src');
    this.change({ failed: false });
    this.load();
    this.media.currentTime = at;
  }

  private load(): void {
    if (this.media.hasAttribute('src')) return;
    const at = this.media.currentTime;
    this.media.src = this.address;
    this.media.defaultPlaybackRate = this.playing.speed;
    this.media.playbackRate = this.playing.speed;
    this.media.currentTime = at;
  }

  private heard(
    name: 'play' | 'pause' | 'playing' | 'waiting' | 'seeking' | 'seeked' | 'timeupdate' | 'ended' | 'error',
  ): void {
    switch (name) {
      case 'play':
        this.change({ on: true });
        this.run();
        break;
      case 'pause':
      case 'ended':
        this.change({ on: false, waiting: false });
        this.tell();
        break;
      case 'waiting':
        this.change({ waiting: true });
        break;
      case 'playing':
        this.change({ waiting: false });
        break;
      case 'seeking':
      case 'seeked':
        this.tell();
        break;
      case 'timeupdate':
        // A page in the background gets no frames, and still has to come back to the start of the loop.
        if (!this.media.paused) this.bound();
        break;
      case 'error':
        // An element without an address has an error of its own kind, which is none.
        if (this.media.hasAttribute('src')) this.change({ failed: true, on: false, waiting: false });
        break;
    }
  }

  private run(): void {
    cancelAnimationFrame(this.frame);
    const step = (): void => {
      if (this.media.paused) return;
      this.bound();
      this.tell();
      this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  /** Back to the start of the loop, or still at the end of what was to be heard once. */
  private bound(): void {
    const { loop } = this.playing;
    if (loop !== null) this.comeBack(loop);
    if (this.stopMs !== null && !this.media.seeking && this.media.currentTime * 1_000 >= this.stopMs) {
      this.stopMs = null;
      this.media.pause();
    }
  }

  private comeBack(loop: Span): void {
    if (this.media.seeking) return;
    const to = looped(this.media.currentTime * 1_000, loop);
    if (to !== null) this.media.currentTime = to / 1_000;
  }

  private tell(): void {
    const ms = this.atMs();
    for (const clock of this.clocks) clock(ms);
  }

  private change(part: Partial<Playing>): void {
    const next = { ...this.playing, ...part };
    const same = (Object.keys(next) as (keyof Playing)[]).every((name) => next[name] === this.playing[name]);
    if (same) return;
    this.playing = next;
    for (const watcher of this.watchers) watcher();
  }

  /** Left is the patient, right the hospital; made once a single side is asked for. */
  private mixer(): NonNullable<Transport['desk']> {
    if (this.desk !== null) return this.desk;
    const context = new AudioContext();
    const source = context.createMediaElementSource(this.media);
    const splitter = context.createChannelSplitter(2);
    const through = context.createGain();
    const patient = context.createGain();
    const hospital = context.createGain();
    source.connect(through).connect(context.destination);
    source.connect(splitter);
    splitter.connect(patient, 0).connect(context.destination);
    splitter.connect(hospital, 1).connect(context.destination);
    void context.resume();
    this.desk = { context, sides: [patient, hospital], through };
    return this.desk;
  }
}
