// What plays: one audio element. It fetches nothing before somebody listens; for a stretch it fetches that stretch and nothing else,
// and only for playing on it reads the recording itself. So the octets that the daemon serves are the listen log.

import { type Format, readClip, readFormat } from './clip';
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

/** Stretches longer than this are played from the recording itself. */
const CLIP_MS = 60_000;

/** Both sides of a recording, one at a time or together. */
export class Transport {
  readonly media: HTMLAudioElement;
  private readonly address: string;
  private readonly totalMs: number;
  private playing: Playing = STILL;
  private readonly watchers = new Set<() => void>();
  private readonly clocks = new Set<(ms: number) => void>();
  private frame = 0;
  /** What is heard once, to its end. */
  private single: Span | null = null;
  /** What the element has: a stretch by its ends, or the whole. */
  private has = '';
  private bringing: AbortController | null = null;
  private known: { readonly head: ArrayBuffer; readonly format: Format | null } | null = null;
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
    const { loop } = this.playing;
    if (this.atMs() >= this.totalMs - 20) this.media.currentTime = (loop?.fromMs ?? 0) / 1_000;
    if (loop !== null) this.comeBack(loop);
    void this.desk?.context.resume();
    this.change({ waiting: true });
    void this.bring(loop ?? this.single).then((outcome) => {
      if (outcome === 'given up') return;
      this.media.play().catch(() => {
        if (this.media.paused) this.change({ on: false, waiting: false });
      });
    });
  }

  pause(): void {
    this.bringing?.abort();
    this.media.pause();
    this.change({ on: false, waiting: false });
  }

  toggle(): void {
    if (this.playing.on || this.playing.waiting) this.pause();
    else this.play();
  }

  /** Goes to a moment; leaves the loop when the moment is outside of it. */
  seek(ms: number): void {
    this.single = null;
    const to = Math.min(Math.max(ms, 0), this.totalMs);
    const { loop, on } = this.playing;
    if (loop !== null && (to < loop.fromMs || to >= loop.toMs)) this.change({ loop: null });
    this.media.currentTime = to / 1_000;
    this.tell();
    if (on) this.play();
  }

  /** Repeats a stretch from its start until it is released; still or sounding, as asked. */
  hear(span: Span, start: 'playing' | 'paused'): void {
    this.single = null;
    this.change({ loop: span });
    this.media.currentTime = span.fromMs / 1_000;
    this.tell();
    if (start === 'playing') this.play();
    else this.pause();
  }

  /** Plays a stretch from its start to its end and stops there. */
  once(span: Span): void {
    this.change({ loop: null });
    this.single = span;
    this.media.currentTime = span.fromMs / 1_000;
    this.play();
  }

  /** Stops repeating; plays on if it plays. */
  release(): void {
    this.change({ loop: null });
    if (this.playing.on) this.play();
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
    this.bringing?.abort();
    this.media.pause();
    this.drop();
    this.media.load();
    void this.desk?.context.close();
  }

  /** Tries again after the recording could not be had. */
  retry(): void {
    const at = this.media.currentTime;
    this.drop();
    this.known = null;
    this.change({ failed: false });
    this.media.currentTime = at;
  }

  /** Gives the element what it is to play, at the moment where it is. */
  private async bring(span: Span | null): Promise<'there' | 'given up'> {
    this.bringing?.abort();
    const stop = new AbortController();
    this.bringing = stop;
    const clip = span !== null && span.toMs - span.fromMs <= CLIP_MS ? span : null;
    const wanted = clip === null ? 'whole' : `${clip.fromMs}-${clip.toMs}`;
    if (this.has === wanted && this.media.hasAttribute('src')) return 'there';
    const address = clip === null ? this.address : await this.cut(clip, stop.signal);
    if (stop.signal.aborted) {
      if (address.startsWith('blob:')) URL.revokeObjectURL(address);
      return 'given up';
    }
    const at = this.media.currentTime;
    this.drop();
    this.has = wanted;
    this.media.src = address;
    this.media.defaultPlaybackRate = this.playing.speed;
    this.media.playbackRate = this.playing.speed;
    this.media.currentTime = at;
    return 'there';
  }

  /** A stretch at an address of its own; where it cannot be had the recording's, whose error the element tells. */
  private async cut(span: Span, signal: AbortSignal): Promise<string> {
    try {
      this.known ??= await readFormat(this.address, signal);
      const { head, format } = this.known;
      if (format === null) return this.address;
      return URL.createObjectURL(await readClip(this.address, head, format, span, signal));
    } catch {
      return this.address;
    }
  }

  private drop(): void {
    const { src } = this.media;
    this.media.removeAttribute('src');
    if (src.startsWith('blob:')) URL.revokeObjectURL(src);
    this.has = '';
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
    if (this.single !== null && !this.media.seeking && this.media.currentTime * 1_000 >= this.single.toMs) {
      this.single = null;
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
