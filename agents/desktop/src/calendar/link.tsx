import { Button } from "../parts/button";
import { toCalendar } from "./place";
import { useCalendarWords } from "./words";

/** The way to the calendar, for any page's head. */
export function CalendarLink() {
  return <Button onPress={toCalendar}>{useCalendarWords().toCalendar}</Button>;
}
