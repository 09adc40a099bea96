import { addMonths, differenceInCalendarDays, format, formatDistance, parseISO } from 'date-fns';
import { de } from 'date-fns/locale';

export default {
  fetch(): Response {
    const day = parseISO('2024-01-31T12:30:00Z');
    return Response.json([
      format(day, 'yyyy-MM-dd HH:mm'),
      format(day, 'EEEE, d. MMMM yyyy', { locale: de }),
      addMonths(day, 1),
      differenceInCalendarDays(parseISO('2024-03-01'), parseISO('2024-02-28')),
      formatDistance(day, parseISO('2024-01-31T12:33:00Z'), { addSuffix: true }),
    ]);
  },
};
