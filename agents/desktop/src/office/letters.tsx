import { Handover, Notices } from "../room/letters";

/** 朝礼 and 申し送り, for whoever leads the centre from no seat. */
export function Letters() {
  return (
    <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
      <Notices />
      <Handover />
    </div>
  );
}
