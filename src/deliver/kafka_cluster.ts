/** What is used of kafkajs's cluster, which its public types leave out: reading a partition without a consumer group. */

export interface KafkaMessage {
  readonly offset: string;
  readonly key: Uint8Array | null;
  /** A mark of a transaction, no record. */
  readonly isControlRecord?: boolean;
}

export interface PartitionFetch {
  readonly partition: number;
  readonly fetchOffset: string;
  readonly maxBytes: number;
}

export interface KafkaBroker {
  fetch(request: {
    replicaId: number;
    isolationLevel: number;
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    topics: readonly { topic: string; partitions: readonly PartitionFetch[] }[];
  }): Promise<{
    readonly responses: readonly {
      readonly partitions: readonly { readonly partition: number; readonly messages: readonly KafkaMessage[] }[];
    }[];
  }>;
}

export interface KafkaCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Looks for the topic; throws when there is none. */
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  findBroker(which: { nodeId: number }): Promise<KafkaBroker>;
  /** The first offset that is there (`fromBeginning`), or the one that comes next. */
  fetchTopicsOffset(
    topics: readonly {
      topic: string;
      partitions: readonly { partition: number }[];
      fromBeginning: boolean;
    }[],
  ): Promise<{ partitions: { partition: number; offset: string }[] }[]>;
}
