package store

import (
	"context"
	"fmt"
	"time"
)

// RateBlock is a part of a limit that one replica may spend, until its window ends.
type RateBlock struct {
	Granted int           // 0 when the limit is used up
	Used    int           // what all replicas were granted in this window by now
	Left    time.Duration // from when the database answered until the window ends
}

// ClaimRate takes at most chunk of the limit of a key in the window that is now, in one statement. The
// sum of what all replicas are granted in a window never exceeds the limit. Now is the database's
// clock, which all replicas share, unless the caller brings a time (tests do).
func (s *Store) ClaimRate(ctx context.Context, key string, window time.Duration, limit, chunk int, now time.Time) (RateBlock, error) {
	chunk = max(1, min(chunk, limit))
	clock, w := s.nowSQL(), window.Milliseconds()
	if !now.IsZero() {
		clock = fmt.Sprintf("CAST(%d AS BIGINT)", ms(now))
	}
	var row struct{ WindowStart, Used, At int64 }
	res := s.write.WithContext(ctx).Raw(fmt.Sprintf(`INSERT INTO rate_windows (window_start, key, used) VALUES ((%s / %d) * %d, ?, ?)
		ON CONFLICT (window_start, key) DO UPDATE SET used = rate_windows.used + excluded.used WHERE rate_windows.used < ?
		RETURNING window_start, used, %s AS at`, clock, w, w, clock), key, chunk, limit).Scan(&row)
	if res.Error != nil {
		return RateBlock{}, fmt.Errorf("claim rate: %w", res.Error)
	}
	if row.Used != 0 {
		granted := min(chunk, limit-(int(row.Used)-chunk))
		return RateBlock{Granted: granted, Used: min(int(row.Used), limit), Left: time.Duration(row.WindowStart+w-row.At) * time.Millisecond}, nil
	}
	if err := s.read.WithContext(ctx).Raw("SELECT " + clock).Scan(&row.At).Error; err != nil {
		return RateBlock{}, fmt.Errorf("claim rate: %w", err)
	}
	return RateBlock{Used: limit, Left: time.Duration(w-row.At%w) * time.Millisecond}, nil
}

// SweepRates forgets windows that ended before an age by the database's clock.
func (s *Store) SweepRates(ctx context.Context, age time.Duration) error {
	err := s.write.WithContext(ctx).Exec("DELETE FROM rate_windows WHERE window_start < "+s.nowSQL()+" - ?", age.Milliseconds()).Error
	if err != nil {
		return fmt.Errorf("sweep rates: %w", err)
	}
	return nil
}
