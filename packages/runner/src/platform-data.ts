import type { Clock, Logger, Secret } from '@openworkers/core';
import type { Database, Sealer } from '@openworkers/db';
import type { Invalidation } from '@openworkers/sandbox';
import { AnswerDesk, type AnswerDeskOptions } from './answer-desk.ts';
import { EnvironmentStore } from './environment-store.ts';
import type { PlatformHosts } from './host-name.ts';
import { InvalidationFeed } from './invalidation.ts';
import { RecordIntake } from './record-intake.ts';
import type { RecordSink } from './record-sink.ts';
import { RouteResolver } from './route-resolver.ts';
import { StackMapper } from './stack-mapper.ts';
import { VersionStore } from './version-store.ts';

export interface PlatformDataOptions {
  readonly database: Database;
  readonly databaseUrl: Secret;
  readonly sealer: Sealer;
  readonly hosts: PlatformHosts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sink: RecordSink;
  readonly isApart: AnswerDeskOptions['isApart'];
  /** Tells every sandbox. */
  readonly broadcast: (invalidation: Invalidation) => void;
}

/** What the runner knows from PostgreSQL, and what keeps it up to date. */
export interface PlatformData {
  readonly desk: AnswerDesk;
  readonly intake: RecordIntake;
  readonly feed: InvalidationFeed;
}

export function createPlatformData(options: PlatformDataOptions): PlatformData {
  const { database, databaseUrl, hosts, clock, log, sink, isApart, broadcast, sealer } = options;
  const { queries } = database;
  const onLateAnswer = (late: Invalidation): void => broadcast(late);
  const routes = new RouteResolver({ queries, clock, hosts, onLateAnswer });
  const versions = new VersionStore({ queries });
  const environments = new EnvironmentStore({ queries });
  const mapper = new StackMapper({ versions, log });
  return {
    desk: new AnswerDesk({ routes, versions, environments, sealer, isApart, log }),
    intake: new RecordIntake({ sink, mapStack: mapper.map.bind(mapper), clock, log }),
    feed: new InvalidationFeed({
      connectionString: databaseUrl,
      applicationName: 'ow-runner-listen',
      log,
      routes,
      broadcast,
    }),
  };
}
