import { useQuery } from "@tanstack/react-query";

import { api, type Schemas, told } from "../api/client";
import { moment } from "../own/times";
import { Button } from "../parts/button";
import { Fault } from "../parts/fault";
import { Panel } from "../parts/panel";
import { useCallbackWords } from "./words";

type Month = Schemas["BalanceMonth"];

const CELL = "border border-neutral-500 px-2 py-1 text-right tabular-nums";

/** 収支: told anew from the records of calls each time it is opened; one sheet of A4. */
export function Balance() {
  const words = useCallbackWords();
  const found = useQuery({
    queryKey: ["callbacks", "balance"],
    queryFn: () => told(api.GET("/api/callback-balance")),
    gcTime: 0,
  });
  const sheet = found.data;
  const heads = [
    words.month, words.opened, words.contacted, words.exhausted, words.withdrawn, words.open,
    words.noNumber,
  ];
  return (
    <Panel
      title={words.balance}
      beside={
        <span className="print:hidden">
          <Button onPress={() => window.print()}>{words.print}</Button>
        </span>
      }
    >
      <Fault error={found.error} />
      {sheet !== undefined && (
        <>
          <p>
            {words.equation}　{words.toldAt} {moment(sheet.at)}
          </p>
          <p
            role={sheet.sound ? "status" : "alert"}
            className={sheet.sound ? "my-2 font-bold" : "my-2 border-2 border-red-900 p-2 font-bold text-red-900"}
          >
            {sheet.sound ? words.sound : `⚠ ${words.unsound}`}
          </p>
          <ul>
            {sheet.faults.map((fault) => (
              <li key={fault.text}>{fault.text}</li>
            ))}
          </ul>
          <table className="mt-2 w-full border-collapse bg-white print:text-[9pt]">
            <thead>
              <tr>
                {heads.map((head) => (
                  <th key={head} scope="col" className="border border-neutral-500 bg-neutral-100 px-2">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sheet.months.map((month) => (
                <Row key={month.month} name={month.month} of={month} />
              ))}
              <Row name={words.total} of={sheet.total} />
            </tbody>
          </table>
        </>
      )}
    </Panel>
  );
}

function Row({ name, of }: { readonly name: string; readonly of: Month }) {
  return (
    <tr>
      <th scope="row" className="border border-neutral-500 px-2 text-left tabular-nums">
        {name}
      </th>
      {[of.opened, of.contacted, of.exhausted, of.withdrawn, of.open, of.unnumbered].map(
        (count, at) => (
          <td key={at} className={CELL}>
            {count}
          </td>
        ),
      )}
    </tr>
  );
}
