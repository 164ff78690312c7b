import { systemClock } from "../../src/base/clock.ts";
import { ElasticsearchSink } from "../../src/deliver/elasticsearch_sink.ts";
import { askServer, recordsIn } from "../support/search_index.ts";
import { serviceTest, sharedOpenSearch } from "../support/services.ts";
import { checkSink } from "./sink.ts";

serviceTest({
  name: "the Elasticsearch sink does what every sink does, against a real OpenSearch",
  needs: ["opensearch"],
  async fn(t) {
    const { url } = await sharedOpenSearch();
    const setReadOnly = (index: string, isReadOnly: boolean | null) =>
      askServer(url, `/${index}/_settings`, { "index.blocks.write": isReadOnly }, "PUT");
    await checkSink(t, () => {
      const index = `conformance-${crypto.randomUUID()}`;
      return Promise.resolve({
        sink: new ElasticsearchSink({ url, index }, systemClock()),
        keepsOrder: false,
        arrived: () => recordsIn(url, index),
        trouble: {
          begin: async () => void await setReadOnly(index, true),
          end: async () => void await setReadOnly(index, null),
        },
        remove: async () => {
          await askServer(url, `/${index}`, undefined, "DELETE");
          await askServer(url, `/_index_template/traptor-${index}`, undefined, "DELETE");
        },
      });
    });
  },
});
