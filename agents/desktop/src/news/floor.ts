import type { Schemas } from "../api/client";

export type FloorSeen = Schemas["FloorSeen"];
export type Agent = Schemas["AgentSeen"];
export type Line = Schemas["LineSeen"];
export type Queue = Schemas["QueueSeen"];
export type CallSeen = Schemas["CallSeen"];
export type Told = Schemas["Heard"];
export type News = NonNullable<Told["news"]>;

export const NOTHING: FloorSeen = {
  lines: [],
  queues: [],
  agents: [],
  calls: [],
  closing: { calls_left: 0, asked_to_stay: [] },
  alarms: [],
  away: true,
  led: true,
};

/** The room after one piece of news: an object replaces the one of the same key. */
export function after(floor: FloorSeen, news: News): FloorSeen {
  switch (news.kind) {
    case "line":
      return { ...floor, lines: replaced(floor.lines, news.line, (line) => line.number) };
    case "queue":
      return { ...floor, queues: replaced(floor.queues, news.queue, (queue) => queue.name) };
    case "agent":
      return { ...floor, agents: replaced(floor.agents, news.agent, (agent) => agent.seat) };
    case "call": {
      const others = floor.calls.filter((call) => call.id !== news.call.id);
      return { ...floor, calls: news.call.stage === "ended" ? others : [...others, news.call] };
    }
    case "closing":
      return { ...floor, closing: news.closing };
    default:
      return floor;
  }
}

function replaced<T>(all: T[], one: T, key: (of: T) => string | number): T[] {
  return all.some((each) => key(each) === key(one))
    ? all.map((each) => (key(each) === key(one) ? one : each))
    : [...all, one];
}
